"""gunicorn's settings: `gunicorn config.wsgi --config python:config.server`, with --bind and --workers beside.

Each process has several threads, so that requests that wait, for a lock or for the database, do not shut the door to
the others (docs/benchmarks.md). Threads take turns on one processor: for more of these there are more processes.
"""

import tempfile

from config import logs
from config.env import env, env_flag

worker_class = "gthread"
threads = int(env("WEB_THREADS", "4"))
max_requests = 5_000
max_requests_jitter = 500
control_socket_disable = True
worker_tmp_dir = tempfile.gettempdir()
logconfig_dict = logs.configure(debug=env_flag("DEBUG"), level=env("LOG_LEVEL", "INFO"))
