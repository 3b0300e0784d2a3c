"""The project. Importing the Celery application here makes every process with Django know it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
