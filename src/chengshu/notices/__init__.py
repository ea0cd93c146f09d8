"""Notices that leave the house: whom to tell, by which way, in which words, until somebody has heard.

Above `dispatch`, which only writes rows of `notice`: this package reads them, writes deliveries, and sends.
"""
