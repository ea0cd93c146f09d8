"""考核: what each unit's month was worth, from the orders themselves, and why; gaming is found and does not pay."""
