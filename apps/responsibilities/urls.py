"""Addresses of responsibilities, tasks, hours, handovers and cover, beneath /w/<workspace>/."""

from django.urls import URLPattern

app_name = "responsibilities"

urlpatterns: list[URLPattern] = []
