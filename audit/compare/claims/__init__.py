"""What two cells claim, and where they do not claim the same."""
