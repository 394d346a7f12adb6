"""From findings to the result: merged findings, scores, likelihood, consensus, family tree."""
