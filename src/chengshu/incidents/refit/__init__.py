"""Merging learns from what people decided: answers, versions of the weights, before and after."""
