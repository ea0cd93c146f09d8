"""Units at three tiers, people and their roles, outside systems, and who may see what."""
