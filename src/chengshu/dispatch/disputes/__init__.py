"""Disputes about whose matter it is: returns, arbitration with its own clock, rulings that become rules."""
