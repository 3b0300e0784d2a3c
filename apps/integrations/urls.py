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
    path("programs/tokens/", views.token_list, name="token_list"),
    path("programs/tokens/new/", views.token_create, name="token_create"),
    path("programs/tokens/<uuid:pk>/revoke/", views.token_revoke, name="token_revoke"),
    path("programs/webhooks/", views.webhook_list, name="webhook_list"),
    path("programs/webhooks/new/", views.webhook_create, name="webhook_create"),
    path("programs/webhooks/<uuid:pk>/", views.webhook_detail, name="webhook_detail"),
    path("programs/webhooks/<uuid:pk>/edit/", views.webhook_edit, name="webhook_edit"),
    path("programs/webhooks/<uuid:pk>/delete/", views.webhook_delete, name="webhook_delete"),
    path("programs/webhooks/messages/<uuid:pk>/redeliver/", views.webhook_redeliver, name="webhook_redeliver"),
    path("programs/exports/", views.export_list, name="export_list"),
    path("programs/exports/new/", views.export_create, name="export_create"),
    path("programs/exports/<uuid:pk>/", views.export_detail, name="export_detail"),
    path("programs/exports/<uuid:pk>/download/", views.export_download, name="export_download"),
    path("programs/exports/<uuid:pk>/cancel/", views.export_cancel, name="export_cancel"),
    path("programs/exports/<uuid:pk>/delete/", views.export_delete, name="export_delete"),
    path("goals/export.csv", views.goals_export, name="goals_export"),
    path("responsibilities/matrix.csv", views.matrix_export, name="matrix_export"),
]
