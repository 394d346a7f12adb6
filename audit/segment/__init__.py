"""Cuts a version into sentences and sets page furniture apart."""
