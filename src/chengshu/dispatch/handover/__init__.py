"""Hand-over of a matter to 110, 119, 120 or another 12345; who has it is never unclear."""
