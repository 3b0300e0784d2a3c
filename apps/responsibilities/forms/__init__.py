"""The shapes that the pages of responsibilities, tasks, hours and handovers take."""
