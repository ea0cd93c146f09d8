"""Chengshu 城枢: an open command centre for cities."""

__version__ = "0.1.0"
