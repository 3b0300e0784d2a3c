"""The one library that every module of this package adds its tags to."""

from django.template import Library

register = Library()
