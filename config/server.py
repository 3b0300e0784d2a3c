"""gunicorn's settings: `gunicorn config.wsgi --config python:config.server`, with --bind and --workers beside."""

import tempfile

from config import logs
from config.env import env, env_flag

max_requests = 5_000
max_requests_jitter = 500
control_socket_disable = True
worker_tmp_dir = tempfile.gettempdir()
logconfig_dict = logs.configure(debug=env_flag("DEBUG"), level=env("LOG_LEVEL", "INFO"))
