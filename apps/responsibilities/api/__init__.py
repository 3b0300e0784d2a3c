"""The API of responsibilities, assignments, tasks, absences and handovers."""
