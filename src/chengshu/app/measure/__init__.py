"""Measuring 测评: how well and how fast the product does, beside named peers."""
