"""Addresses of what is said at its time, beneath /w/<workspace>/."""

from django.urls import path

from apps.routines import views

app_name = "routines"

urlpatterns = [
    path("inbox/digest/", views.digest_preview, name="digest_preview"),
    path("inbox/digest/html/", views.digest_preview_html, name="digest_preview_html"),
]
