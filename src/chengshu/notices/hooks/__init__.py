"""Other systems of the city that want to hear of notices; the system administrator says which."""
