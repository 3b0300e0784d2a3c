"""What `dev.py up` runs beside the two servers: the command line of each service, and how it is told to end."""

import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What each service gets when we are killed. A worker would wait for Valkey, which is gone by then; jobs are rows, and
# its next run takes them up.
AT_DEATH = {
    "mail": signal.SIGTERM,
    "beat": signal.SIGTERM,
    "web": signal.SIGQUIT,
    "worker": signal.SIGKILL,
    "importer": signal.SIGKILL,
}
CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "config"]


def service_commands(*, web: int, smtp: int, mails: Path, reload: bool) -> dict[str, tuple[list[str], tuple[int, ...]]]:
    """Each service's command line and the sockets it inherits.

    `web` and `smtp` are file descriptors of listening sockets, `mails` is where mail is put. Imports have a worker of
    their own, so that one never takes the last free process of what is to be quick.
    """
    gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.server"]
    gunicorn += [
        "--bind",
        f"fd://{web}",
        "--workers",
        "2",
        "--graceful-timeout",
        "5",
        *(["--reload"] if reload else []),
    ]
    return {
        "mail": ([sys.executable, str(HERE / "mail_sink.py"), str(mails), str(smtp)], (smtp,)),
        "web": (gunicorn, (web,)),
        "worker": (_worker("worker", queues="mail,sweeps,webhooks", processes=2), ()),
        "importer": (_worker("importer", queues="imports", processes=1), ()),
        "beat": ([*CELERY, "beat"], ()),
    }


def _worker(name: str, *, queues: str, processes: int) -> list[str]:
    """A worker of these queues; its name tells it from others on this machine."""
    options = ["--hostname", f"{name}@%h", "--queues", queues, "--concurrency", str(processes)]
    return [*CELERY, "worker", *options]
