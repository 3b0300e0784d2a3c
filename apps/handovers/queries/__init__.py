"""Page-shaped reads of handovers and covers."""
