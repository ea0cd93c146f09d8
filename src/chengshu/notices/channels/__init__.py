"""The ways out of the house, and which of them the settings open."""
