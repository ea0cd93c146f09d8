"""From the tables of orders, checks, call-backs and evidence to the facts that scoring reads."""
