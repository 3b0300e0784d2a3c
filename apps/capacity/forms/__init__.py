"""The shapes that the pages of load and hours take."""
