"""The last touch to the whole document: what holds for every operation, headers, strictness and examples."""

from collections.abc import Iterator
from typing import Any

from apps.core.api_schema.examples import Examples

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = "application/problem+json"
TEXT: dict[str, object] = {"type": "string"}
NUMBER: dict[str, object] = {"type": "integer", "minimum": 0}
EMPTY: dict[str, object] = {"type": "string", "maxLength": 0}
HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "The version of what is answered, for If-None-Match and If-Match.", "schema": TEXT},
    "Location": {"description": "Where the new row lies.", "schema": {"type": "string", "format": "uri"}},
    "Idempotency-Replayed": {
        "description": "`true` where this Idempotency-Key was answered before, and this is that answer again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "RateLimit-Limit": {"description": "Requests a minute.", "schema": NUMBER},
    "RateLimit-Remaining": {"description": "How many of them are left.", "schema": NUMBER},
    "RateLimit-Reset": {"description": "Seconds until the next minute begins.", "schema": NUMBER},
    "Retry-After": {"description": "Seconds to wait.", "schema": NUMBER},
    "WWW-Authenticate": {"description": "Which kind of sign-in is asked for.", "schema": TEXT},
}
LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
UNCOUNTED = {"401", "403", "406"}


def finish_document(result: dict[str, Any], generator: Any, request: object, public: bool) -> dict[str, object]:
    """drf-spectacular's hook. In and out: the document."""
    components = result["components"]
    components["headers"] = HEADERS
    for name, schema in components["schemas"].items():
        _tighten(name, schema)
    examples = Examples(components["schemas"])
    for path, method, operation in operations(result):
        if "{" in path:
            missing = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            operation["responses"].setdefault("404", {"content": missing, "description": "There is nothing here."})
        for status, response in operation["responses"].items():
            _add_headers(response, method, status)
            for kind, content in _shaped(response):
                content["examples"] = examples.named(content["schema"], status if kind == PROBLEM else "")
        for _kind, content in _shaped(operation.get("requestBody", {})):
            content["examples"] = examples.named(content["schema"])
    components["examples"] = examples.made
    return result


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of a document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _shaped(holder: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(media type, content) of what has a shape; a file has none."""
    return [(kind, content) for kind, content in holder.get("content", {}).items() if "$ref" in content["schema"]]


def _tighten(name: str, schema: dict[str, Any]) -> None:
    """Requests refuse fields they do not know; answers hold every field, but rendered texts only when asked for."""
    properties = schema.get("properties")
    if properties is None:
        return
    for each in properties.values():
        if EMPTY in each.get("oneOf", ()):  # who does not check formats finds that the empty text fits both
            each["anyOf"] = each.pop("oneOf")
    if name.endswith("Request"):
        schema["additionalProperties"] = False
    else:
        schema["required"] = sorted(name for name in properties if not name.endswith("_html"))


def _add_headers(response: dict[str, Any], method: str, status: str) -> None:
    names = [] if status in UNCOUNTED else list(LIMITS)
    good = status.startswith("2")
    names += ["ETag"] * (status == "304" or (good and status != "204"))
    names += ["Location"] * (status == "201")
    names += ["Idempotency-Replayed"] * (good and method == "post")
    names += ["Retry-After"] * (status in {"429", "503"}) + ["WWW-Authenticate"] * (status == "401")
    response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
