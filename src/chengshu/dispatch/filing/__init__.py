"""Lines of business, looking before filing, and filing itself."""
