"""Exchange with the platform above, and with bureaus that have a system of their own."""
