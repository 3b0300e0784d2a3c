"""The shapes that the pages of handovers and absences take."""
