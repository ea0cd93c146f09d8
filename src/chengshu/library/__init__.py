"""What was done last time and what the rule says: passages, their index, and how a question finds them."""
