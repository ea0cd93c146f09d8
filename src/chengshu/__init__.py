"""Chengshu 城枢: an open command centre for cities."""
