"""Aligning versions: embeddings, rows of sentences, links between words."""
