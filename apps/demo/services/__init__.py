"""Builds the demo workspaces from `story`, through the services of the other apps."""
