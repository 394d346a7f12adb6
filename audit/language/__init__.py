"""What the program knows of each language, one folder a language."""
