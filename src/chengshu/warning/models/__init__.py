"""Warning models, one file each: its streams, its likelihoods, its version."""
