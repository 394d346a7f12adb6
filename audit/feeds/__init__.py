"""Brings articles in: feeds, sitemaps and folders that a scraper fills, politely."""
