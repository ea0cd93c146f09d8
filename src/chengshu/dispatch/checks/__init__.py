"""What comes after a reply: checks, call-backs, reviews, quality."""
