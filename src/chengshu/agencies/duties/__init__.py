"""职责清单: who has the power over a matter, where, at which stage, by which law, and by when."""
