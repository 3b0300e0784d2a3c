"""The WSGI application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from apps.core.row_security import tell_of_role
from config.gc_tuning import settle_garbage_collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
tell_of_role()
settle_garbage_collector()
