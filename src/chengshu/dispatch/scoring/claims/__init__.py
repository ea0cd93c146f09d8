"""What people say about the figures: exclusions, appeals, and measures that follow."""
