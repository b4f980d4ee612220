"""Banners: what the program has to tell, inline above the content, never in the way."""
