"""Addresses of handovers and absences, beneath /w/<workspace>/."""

from django.urls import URLPattern, path

from apps.handovers.views import absences, handovers

app_name = "handovers"

urlpatterns: list[URLPattern] = [
    path("handovers/", handovers.handover_list, name="handover_list"),
    path("handovers/new/", handovers.handover_create, name="handover_create"),
    path("handovers/<uuid:pk>/", handovers.handover_detail, name="handover_detail"),
    path("handovers/<uuid:pk>/accept/", handovers.handover_accept, name="handover_accept"),
    path("handovers/<uuid:pk>/decline/", handovers.handover_decline, name="handover_decline"),
    path("handovers/<uuid:pk>/withdraw/", handovers.handover_withdraw, name="handover_withdraw"),
    path("absences/", absences.absence_list, name="absence_list"),
    path("absences/new/", absences.absence_create, name="absence_create"),
    path("absences/<uuid:pk>/", absences.absence_cover, name="absence_cover"),
    path("absences/<uuid:pk>/edit/", absences.absence_edit, name="absence_edit"),
    path("absences/<uuid:pk>/delete/", absences.absence_delete, name="absence_delete"),
    path("absences/<uuid:pk>/end/", absences.absence_end, name="absence_end"),
    path("absences/<uuid:pk>/catch-up/", absences.absence_catch_up, name="absence_catch_up"),
]
