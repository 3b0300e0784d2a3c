"""Every change of handovers and covers."""
