"""Comparing what a model shows with what it should show."""
