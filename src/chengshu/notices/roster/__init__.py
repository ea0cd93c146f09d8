"""值班表: who is on duty now, who stands in, and the written hand-over between them."""
