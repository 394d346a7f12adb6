"""What several detectors look at: words, names, numbers, quotation marks, witnesses."""
