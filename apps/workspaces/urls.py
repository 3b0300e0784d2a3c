"""Addresses of workspaces, beneath /w/<workspace>/."""

from django.urls import path

from apps.workspaces import views

app_name = "workspaces"

urlpatterns = [
    path("people/", views.member_list, name="member_list"),
    path("people/<uuid:pk>/", views.member_detail, name="member_detail"),
    path("people/<uuid:pk>/edit/", views.member_edit, name="member_edit"),
    path("people/<uuid:pk>/role/", views.member_role, name="member_role"),
    path("people/<uuid:pk>/deactivate/", views.member_deactivate, name="member_deactivate"),
    path("people/<uuid:pk>/reactivate/", views.member_reactivate, name="member_reactivate"),
    path("options/people/", views.member_options, name="member_options"),
    path("teams/", views.team_list, name="team_list"),
    path("teams/new/", views.team_create, name="team_create"),
    path("teams/<uuid:pk>/", views.team_detail, name="team_detail"),
    path("teams/<uuid:pk>/edit/", views.team_edit, name="team_edit"),
    path("teams/<uuid:pk>/members/", views.team_members, name="team_members"),
    path("teams/<uuid:pk>/archive/", views.team_archive, name="team_archive"),
    path("options/teams/", views.team_options, name="team_options"),
    path("settings/invitations/", views.invitation_list, name="invitation_list"),
    path("settings/invitations/new/", views.invitation_create, name="invitation_create"),
    path("settings/invitations/<uuid:pk>/revoke/", views.invitation_revoke, name="invitation_revoke"),
    path("settings/invitations/<uuid:pk>/resend/", views.invitation_resend, name="invitation_resend"),
    path("welcome/", views.welcome, name="welcome"),
    path("settings/", views.workspace_settings, name="workspace_settings"),
    path("settings/values/", views.value_list, name="value_list"),
    path("settings/values/new/", views.value_create, name="value_create"),
    path("settings/values/<uuid:pk>/edit/", views.value_edit, name="value_edit"),
    path("settings/values/<uuid:pk>/delete/", views.value_delete, name="value_delete"),
]
