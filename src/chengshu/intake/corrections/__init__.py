"""What a person puts right of what was read in a message, and to whom it is proposed to hand danger."""
