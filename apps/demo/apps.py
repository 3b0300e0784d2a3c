"""The demo app: it has no tables and no pages, only commands."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The fictional workspaces of `dev.py up`, made by the services of the apps below."""

    name = "apps.demo"
