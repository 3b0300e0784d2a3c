"""Addresses of responsibilities and assignments, beneath /w/<workspace>/."""

from django.urls import URLPattern, path

from apps.responsibilities import views

app_name = "responsibilities"

urlpatterns: list[URLPattern] = [
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
]
