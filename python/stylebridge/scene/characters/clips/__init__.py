"""Clips: every movement acted out by rule, sampled once, and described for the search."""
