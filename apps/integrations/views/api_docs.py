"""The API's schema, and the page that shows it to people."""

from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.parsers import JSONRenderer
from apps.core.viewsets import only_known


class SchemaView(SpectacularAPIView):
    """The schema, made once by each process for each language and format: making it takes seconds of a processor, and
    anybody may ask.
    """

    kept: ClassVar[dict[tuple[str, str], tuple[bytes, dict[str, str]]]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As YAML or JSON, by `?format=` or what the caller accepts. Raises ValidationError for other parameters."""
        only_known(request, {"format"})
        if request.GET.get("format", "json") not in {"json", "yaml"}:
            raise exceptions.ValidationError({"format": [_("Choose “json” or “yaml”.")]})
        key = (get_language(), request.accepted_renderer.media_type)
        if key in self.kept:
            content, headers = self.kept[key]
            return HttpResponse(content, headers=headers)
        response = self._made(request, *args, **kwargs)
        response.add_post_render_callback(lambda made: self._keep(key, made))
        return response

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """`?format=` before what the caller accepts."""
        wanted = request.query_params.get("format")
        for renderer in self.get_renderers():
            if renderer.format == wanted:
                return renderer, renderer.media_type
        negotiated: tuple[BaseRenderer, str] = super().perform_content_negotiation(request, force)
        return negotiated

    def handle_exception(self, exc: Exception) -> Response:
        """A problem is JSON, whatever form the schema was to have."""
        self.request.accepted_renderer = JSONRenderer()
        return super().handle_exception(exc)

    def _made(self, request: Request, *args: object, **kwargs: object) -> Response:
        made: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return made

    def _keep(self, key: tuple[str, str], made: Response) -> None:
        names = ("Content-Type", "Content-Disposition")
        self.kept[key] = (made.content, {name: made[name] for name in names})


@login_not_required
@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """All operations, to read and to try, from files of this machine alone."""
    return render(request, "integrations/api_docs.html")
