"""Addresses of one's own account, beside allauth's."""

from django.urls import path

from apps.accounts import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("signup/", views.signup, name="account_signup"),
]
