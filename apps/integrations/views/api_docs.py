"""The API's schema, and the page that shows it to people."""

from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response


class SchemaView(SpectacularAPIView):
    """The schema, made once by each process for each language and format: making it takes seconds of a processor, and
    anybody may ask.
    """

    kept: ClassVar[dict[tuple[str, str], tuple[bytes, dict[str, str]]]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As YAML or JSON, by what the caller accepts. With other parameters than `format` it is made anew."""
        key = (get_language(), request.accepted_renderer.media_type)
        if request.GET.keys() - {"format"}:
            return self._made(request, *args, **kwargs)
        if key in self.kept:
            content, headers = self.kept[key]
            return HttpResponse(content, headers=headers)
        response = self._made(request, *args, **kwargs)
        response.add_post_render_callback(lambda made: self._keep(key, made))
        return response

    def _made(self, request: Request, *args: Any, **kwargs: Any) -> Response:
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
