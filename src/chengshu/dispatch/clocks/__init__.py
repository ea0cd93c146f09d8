"""Clocks of orders: limits, pauses, extensions, caps, lights, supervision orders."""
