"""The pages of responsibilities, tasks, hours and handovers."""
