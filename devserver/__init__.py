"""The embedded servers and the launcher of `dev.py up`: for development, trials and tests, never in the image."""
