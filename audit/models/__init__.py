"""Model files: where they lie, and how they get there."""
