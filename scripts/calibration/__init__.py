"""What `scripts/calibrate.py` is made of: data, word forests, sentence risk, edits."""
