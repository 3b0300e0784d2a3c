"""The pages of load and hours."""
