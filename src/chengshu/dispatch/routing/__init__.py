"""Routing: which unit has the power over what is reported, how sure that is, and why."""
