"""A fictional chain of clinics with a year behind it, as plain data: people, goals, tasks, absences."""
