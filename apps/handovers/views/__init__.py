"""The pages of handovers and absences."""
