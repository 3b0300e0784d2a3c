"""Asks one process of a container whether it does its work.

`python -m config.healthcheck web [PORT]`, `worker`, or `beat SCHEDULE_FILE` exits with 0 if so, else with 1 and a word.
"""

import http.client
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from config.celery import app

WEB_SECONDS = 8
WORKER_SECONDS = 5
BEAT_WRITES_SECONDS = 600


def web(port: str = "8000") -> bool:
    """Whether the web server is ready, asked under the site's own name."""
    host = urlsplit(os.environ.get("SITE_URL", "")).netloc or "localhost"
    with closing(http.client.HTTPConnection("127.0.0.1", int(port), timeout=WEB_SECONDS)) as connection:
        connection.request("GET", "/health/ready", headers={"Host": host})
        return connection.getresponse().status == http.client.OK


def worker() -> bool:
    """Whether this container's worker answers a ping through the broker."""
    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=WORKER_SECONDS))


def beat(schedule: str) -> bool:
    """Whether beat wrote its schedule lately, as it does every three minutes (its store may add an ending)."""
    written = [path.stat().st_mtime for path in Path(schedule).parent.glob(f"{Path(schedule).name}*")]
    return time.time() - max(written, default=0) < BEAT_WRITES_SECONDS


def main(arguments: list[str]) -> int:
    """Ask the process that the first argument names."""
    name, *rest = arguments
    ask: dict[str, Callable[..., bool]] = {"web": web, "worker": worker, "beat": beat}
    try:
        well = ask[name](*rest)
    except (OSError, http.client.HTTPException) as error:
        sys.stdout.write(f"{name}: {error}\n")
        return 1
    sys.stdout.write(f"{name}: {'ok' if well else 'no answer'}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
