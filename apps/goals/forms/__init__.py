"""What people send to the pages of goals: shape only."""
