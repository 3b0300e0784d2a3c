"""What the frame of every page shows of notifications."""
