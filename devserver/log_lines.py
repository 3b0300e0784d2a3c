"""Writes each line of what a server says as one JSON object into its log.

Run as a script, standard library only: `python log_lines.py NAME FILE`, with the server's output as standard input. It
ends with the last process that holds the other end, so that the server's farewell is in the log.
"""

import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Copy until the end of the input. PostgreSQL's own JSON would not do: it holds DETAIL, and so whole statements."""
    name, path = arguments
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with Path(path).open("a", encoding="utf-8", buffering=1) as log:
        for line in sys.stdin.buffer:
            if said := line.decode(errors="replace").rstrip():
                now = datetime.now(UTC).isoformat()
                log.write(json.dumps({"event": said, "logger": name, "timestamp": now}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
