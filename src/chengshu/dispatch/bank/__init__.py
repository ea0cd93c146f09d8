"""The problem bank: what cannot be done now, under a condition and a review date."""
