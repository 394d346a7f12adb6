"""How well a version reads: surprisal, grammar, readability."""
