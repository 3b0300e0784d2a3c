"""Addresses of integrations, beneath /w/<workspace>/."""

from django.urls import path

from apps.integrations import views

app_name = "integrations"

urlpatterns = [
    path("settings/imports/", views.import_list, name="import_list"),
    path("settings/imports/new/", views.import_create, name="import_create"),
    path("settings/imports/<uuid:pk>/", views.import_detail, name="import_detail"),
    path("settings/imports/<uuid:pk>/run/", views.import_run, name="import_run"),
    path("settings/imports/<uuid:pk>/cancel/", views.import_cancel, name="import_cancel"),
    path("settings/imports/<uuid:pk>/report.csv", views.import_report, {"form": "csv"}, name="import_report_csv"),
    path("settings/imports/<uuid:pk>/report.json", views.import_report, {"form": "json"}, name="import_report_json"),
    path("goals/export.csv", views.goals_export, name="goals_export"),
]
