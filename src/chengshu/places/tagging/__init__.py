"""The rooms behind `places.tagger`: tags, what a token is described by, the chain, and how it is learnt."""
