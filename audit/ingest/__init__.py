"""Reads stories from files, pages, addresses and JSON lines."""
