"""What is so around an order: read only."""
