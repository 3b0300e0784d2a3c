"""Addresses of tasks and consultations, beneath /w/<workspace>/."""

from django.urls import URLPattern, path

from apps.tasks import views

app_name = "tasks"

urlpatterns: list[URLPattern] = [
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
]
