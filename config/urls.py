"""Every page's address. What lies in a workspace begins with /w/<its slug>/."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from apps.notifications.urls import mail_links, mailbox
from apps.workspaces import views as workspaces

urlpatterns = [
    path("", workspaces.home, name="home"),
    path("", include("apps.core.urls")),
    path("account/", include("apps.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("join/<str:token>/", workspaces.invitation_accept, name="invitation_accept"),
    path("mail/", include(mail_links)),
    path("workspaces/new/", workspaces.workspace_create, name="workspace_create"),
    path("w/<slug:workspace>/", include("apps.workspaces.urls")),
    path("w/<slug:workspace>/", include("apps.activity.urls")),
    path("w/<slug:workspace>/", include("apps.notifications.urls")),
    path("w/<slug:workspace>/", include("apps.goals.urls")),
    path("w/<slug:workspace>/", include("apps.responsibilities.urls")),
    path("w/<slug:workspace>/", include("apps.tasks.urls")),
    path("w/<slug:workspace>/", include("apps.handovers.urls")),
    path("w/<slug:workspace>/", include("apps.capacity.urls")),
    path("w/<slug:workspace>/", include("apps.routines.urls")),
    path("w/<slug:workspace>/", include("apps.integrations.urls")),
    path("api/v1/", include("config.api_urls")),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("dev/mail/", include(mailbox)))

handler404 = "apps.core.views.not_found"
handler500 = "apps.core.views.fault"
