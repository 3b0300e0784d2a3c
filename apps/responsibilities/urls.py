"""Addresses of responsibilities, tasks, hours, handovers and cover, beneath /w/<workspace>/."""

from django.urls import URLPattern, path

from apps.responsibilities import views
from apps.responsibilities.views import absences, handovers, hours, load

app_name = "responsibilities"

handing: list[URLPattern] = [
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

urlpatterns: list[URLPattern] = [
    *handing,
    path("responsibilities/", views.responsibility_matrix, name="responsibility_matrix"),
    path("responsibilities/new/", views.responsibility_create, name="responsibility_create"),
    path("options/responsibilities/", views.responsibility_options, name="responsibility_options"),
    path("responsibilities/people/", views.holder_list, name="holder_list"),
    path("responsibilities/held/<uuid:pk>/", views.holder_detail, name="holder_detail"),
    path("responsibilities/<uuid:pk>/", views.responsibility_detail, name="responsibility_detail"),
    path("responsibilities/<uuid:pk>/edit/", views.responsibility_edit, name="responsibility_edit"),
    path("responsibilities/<uuid:pk>/archive/", views.responsibility_archive, name="responsibility_archive"),
    path("responsibilities/<uuid:pk>/restore/", views.responsibility_restore, name="responsibility_restore"),
    path("responsibilities/<uuid:pk>/history/", views.responsibility_history, name="responsibility_history"),
    path("responsibilities/<uuid:pk>/offer/", views.responsibility_offer, name="responsibility_offer"),
    path("responsibilities/<uuid:pk>/cell/", views.responsibility_cell, name="responsibility_cell"),
    path("goals/<uuid:pk>/offer/", views.goal_offer, name="goal_offer"),
    path("goals/<uuid:pk>/cell/", views.goal_cell, name="goal_cell"),
    path("assignments/<uuid:pk>/edit/", views.assignment_edit, name="assignment_edit"),
    path("assignments/<uuid:pk>/accept/", views.assignment_accept, name="assignment_accept"),
    path("assignments/<uuid:pk>/decline/", views.assignment_decline, name="assignment_decline"),
    path("assignments/<uuid:pk>/withdraw/", views.assignment_withdraw, name="assignment_withdraw"),
    path("tasks/", views.task_list, name="task_list"),
    path("tasks/new/", views.task_create, name="task_create"),
    path("tasks/understood/", views.quick_add_preview, name="quick_add_preview"),
    path("tasks/<uuid:pk>/", views.task_detail, name="task_detail"),
    path("tasks/<uuid:pk>/edit/", views.task_edit, name="task_edit"),
    path("tasks/<uuid:pk>/move/", views.task_move, name="task_move"),
    path("tasks/<uuid:pk>/hand-back/", views.task_hand_back, name="task_hand_back"),
    path("tasks/<uuid:pk>/place/", views.task_place, name="task_place"),
    path("tasks/<uuid:pk>/delete/", views.task_delete, name="task_delete"),
    path("tasks/<uuid:pk>/consult/", views.task_consult, name="task_consult"),
    path("goals/<uuid:pk>/consult/", views.goal_consult, name="goal_consult"),
    path("consultations/<uuid:pk>/", views.consultation_answer, name="consultation_answer"),
    path("load/", load.load_list, name="load_list"),
    path("load/preview/", load.load_preview, name="load_preview"),
    path("load/<uuid:pk>/", load.load_detail, name="load_detail"),
    path("hours/", hours.hours_now, name="hours_now"),
    path("hours/<str:monday>/", hours.hours_week, name="hours_week"),
]
