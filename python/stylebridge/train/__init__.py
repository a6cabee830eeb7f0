"""Training: one file per method, read from top to bottom."""
