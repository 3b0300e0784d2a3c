"""Addresses of goals, beneath /w/<workspace>/."""

from django.urls import path

from apps.goals import views

app_name = "goals"

urlpatterns = [
    path("goals/", views.goal_list, name="goal_list"),
    path("goals/<uuid:pk>/move/", views.goal_move, name="goal_move"),
    path("goals/<uuid:pk>/place/", views.goal_place, name="goal_place"),
    path("goals/new/", views.goal_create, name="goal_create"),
    path("goals/<uuid:pk>/", views.goal_detail, name="goal_detail"),
    path("goals/readers/", views.goal_readers, name="goal_readers"),
    path("goals/contributor-row/", views.contributor_row, name="contributor_row"),
    path("goals/<uuid:pk>/people/", views.goal_people, name="goal_people"),
    path("goals/<uuid:pk>/edit/", views.goal_edit, name="goal_edit"),
    path("goals/<uuid:pk>/activate/", views.goal_activate, name="goal_activate"),
    path("goals/<uuid:pk>/close/", views.goal_close, name="goal_close"),
    path("goals/<uuid:pk>/reopen/", views.goal_reopen, name="goal_reopen"),
    path("goals/<uuid:pk>/history/", views.goal_history, name="goal_history"),
    path("goals/<uuid:pk>/key-results/new/", views.key_result_create, name="key_result_create"),
    path("key-results/<uuid:pk>/edit/", views.key_result_edit, name="key_result_edit"),
    path("key-results/<uuid:pk>/delete/", views.key_result_delete, name="key_result_delete"),
    path("goals/<uuid:pk>/check-in/", views.check_in_create, name="check_in_create"),
    path("goals/<uuid:pk>/check-ins/", views.check_in_list, name="check_in_list"),
    path("check-ins/<uuid:pk>/edit/", views.check_in_edit, name="check_in_edit"),
    path("check-ins/<uuid:pk>/revisions/", views.check_in_revisions, name="check_in_revisions"),
    path("check-ins/preview/", views.note_preview, name="note_preview"),
    path("check-ins/<uuid:pk>/answer/", views.ask_answer, name="ask_answer"),
    path("cycles/", views.cycle_list, name="cycle_list"),
    path("cycles/new/", views.cycle_create, name="cycle_create"),
    path("cycles/<uuid:pk>/", views.cycle_detail, name="cycle_detail"),
    path("cycles/<uuid:pk>/edit/", views.cycle_edit, name="cycle_edit"),
    path("cycles/<uuid:pk>/close/", views.cycle_close, name="cycle_close"),
    path("cycles/<uuid:pk>/reopen/", views.cycle_reopen, name="cycle_reopen"),
    path("attention/", views.attention, name="attention"),
    path("search/", views.search, name="search"),
    path("options/goals/", views.goal_options, name="goal_options"),
]
