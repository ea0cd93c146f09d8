"""Work inside a unit: who has the order, who signs the reply, when the citizen is first spoken to."""
