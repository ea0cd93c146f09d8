"""紧急信息报送: first, follow-up and final reports of an emergency, by the clock, signed, to those above."""
