"""mtaudit: finds machine-translation artifacts in news by comparing versions of a story."""
