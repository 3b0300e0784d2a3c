"""Addresses of the log, beneath /w/<workspace>/."""

from django.urls import path

from apps.activity import views

app_name = "activity"

urlpatterns = [path("settings/audit/", views.audit_log, name="audit_log")]
