"""The log files of what `dev.py up` runs: set aside when they have grown long, and read where something failed."""

import os
import shutil
from pathlib import Path

LOG_BYTES = 5 * 1024 * 1024
LOGS_KEPT = 3


def rotate(log: Path, *, in_use: bool = False) -> None:
    """Set a log that has grown long aside, and forget the oldest of those. What is in it outlasts a restart.

    One `in_use` is copied and emptied, since whoever appends to it goes on doing so.
    """
    if not log.exists() or log.stat().st_size < LOG_BYTES:
        return
    for number in range(LOGS_KEPT - 1, 0, -1):
        earlier = set_aside(log, number)
        if earlier.exists():
            earlier.replace(set_aside(log, number + 1))
    if in_use:
        shutil.copyfile(log, set_aside(log, 1))
        os.truncate(log, 0)
    else:
        log.replace(set_aside(log, 1))


def set_aside(log: Path, number: int) -> Path:
    """Where the log's part before the present one is, or one still earlier."""
    return log.with_name(f"{log.name}.{number}")


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log; nothing where there is none."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
