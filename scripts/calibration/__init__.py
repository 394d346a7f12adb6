"""What `scripts/calibrate.py` is made of: data, damage, word forests, sentence risk, edits."""
