"""Page-shaped reads of hours."""
