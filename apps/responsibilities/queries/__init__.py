"""Page-shaped reads of who holds what, tasks and hours."""
