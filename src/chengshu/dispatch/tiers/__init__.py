"""Between the three tiers: hand down, hand up, hand across, take over and give back."""
