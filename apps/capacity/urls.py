"""Addresses of load and hours, beneath /w/<workspace>/."""

from django.urls import URLPattern, path

from apps.capacity.views import hours, load

app_name = "capacity"

urlpatterns: list[URLPattern] = [
    path("load/", load.load_list, name="load_list"),
    path("load/preview/", load.load_preview, name="load_preview"),
    path("load/<uuid:pk>/", load.load_detail, name="load_detail"),
    path("hours/", hours.hours_now, name="hours_now"),
    path("hours/<str:monday>/", hours.hours_week, name="hours_week"),
]
