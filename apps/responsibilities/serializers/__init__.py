"""What the API shows and takes of responsibilities, assignments, tasks, absences and handovers."""
