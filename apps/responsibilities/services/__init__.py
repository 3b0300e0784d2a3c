"""Every change of responsibilities, assignments, tasks, hours, handovers and cover."""
