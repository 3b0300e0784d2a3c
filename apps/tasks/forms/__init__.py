"""The shapes that the pages of tasks take."""
