"""The WSGI application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from apps.core.row_security import tell_of_role
from config.heap import settle_heap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
tell_of_role()
settle_heap()
