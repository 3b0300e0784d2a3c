"""Addresses of the inbox and its settings, beneath /w/<workspace>/, of links in mails, beneath /mail/,
and of the demo's mailbox, beneath /dev/mail/."""

from django.urls import path

from apps.notifications import views

app_name = "notifications"

urlpatterns = [
    path("inbox/", views.notice_list, name="notice_list"),
    path("inbox/read/", views.notices_read, name="notices_read"),
    path("inbox/preferences/", views.preference_edit, name="preference_edit"),
    path("inbox/preferences/mail-again/", views.own_mail_again, name="own_mail_again"),
    path("inbox/chat/", views.chat_edit, name="chat_edit"),
    path("inbox/chat/test/", views.chat_test, name="chat_test"),
    path("inbox/chat/delete/", views.chat_delete, name="chat_delete"),
    path("settings/chat/", views.workspace_chat_edit, name="workspace_chat_edit"),
    path("settings/chat/test/", views.workspace_chat_test, name="workspace_chat_test"),
    path("settings/chat/delete/", views.workspace_chat_delete, name="workspace_chat_delete"),
    path("settings/mail/", views.mail_health, name="mail_health"),
    path("settings/mail/test/", views.mail_test, name="mail_test"),
    path("settings/mail/<uuid:pk>/retry/", views.mail_retry, name="mail_retry"),
    path("settings/mail/addresses/<uuid:pk>/again/", views.address_mail_again, name="address_mail_again"),
    path("inbox/<uuid:pk>/", views.notice_open, name="notice_open"),
    path("inbox/<uuid:pk>/read/", views.notice_read, name="notice_read"),
    path("inbox/<uuid:pk>/unread/", views.notice_unread, name="notice_unread"),
    path("inbox/<uuid:pk>/put-away/", views.notice_put_away, name="notice_put_away"),
    path("inbox/<uuid:pk>/act/", views.notice_act, name="notice_act"),
]

mailbox = (
    [
        path("", views.mail_list, name="mail_list"),
        path("<slug:name>/", views.mail_detail, name="mail_detail"),
        path("<slug:name>/html/", views.mail_html, name="mail_html"),
    ],
    "mailbox",
)

mail_links = (
    [
        path("stop/<str:token>/", views.mail_stop, name="mail_stop"),
        path("act/<str:token>/", views.mail_act, name="mail_act"),
    ],
    "mail_links",
)
