"""Addresses of the demo's mailbox, beneath /dev/mail/."""

from django.urls import path

from apps.notifications import views

mailbox = (
    [
        path("", views.mail_list, name="mail_list"),
        path("<slug:name>/", views.mail_detail, name="mail_detail"),
        path("<slug:name>/html/", views.mail_html, name="mail_html"),
    ],
    "mailbox",
)
