"""法定答复: what each complaint and denunciation is owed by law, apart from its incident's clock."""
