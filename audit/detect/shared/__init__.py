"""What several detectors report in the same way."""
