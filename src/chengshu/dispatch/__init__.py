"""Dispatch 派遣: the right unit, an order with its clocks, handling, verification, closing."""
