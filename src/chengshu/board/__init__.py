"""Board 态势图: today's figures and the overall map, from the same tables as every list."""
