"""The shapes that the pages of responsibilities take."""
