"""Within v1 nothing is taken away: the schema against the last release's, and the comparison itself."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from tests.api.compatibility import breaking_changes

FOLDER = Path(settings.BASE_DIR) / "docs" / "integrators"
SMALL: dict[str, Any] = {
    "paths": {
        "/goals/": {
            "post": {
                "operationId": "goals_create",
                "parameters": [{"in": "query", "name": "render", "schema": {"type": "string"}}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/c/s/In"}}}},
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/c/s/Out"}}}},
                    "400": {"content": {}},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "In": {
                "type": "object",
                "properties": {
                    "title": {"type": "string", "maxLength": 1000},
                    "status": {"$ref": "#/c/s/Status"},
                    "owner": {"oneOf": [{"type": "string"}, {"type": "object"}, {"type": "null"}]},
                    "labels": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["title"],
            },
            "Out": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "goals": {"type": "array", "items": {"$ref": "#/c/s/Out"}}},
                "required": ["id"],
            },
            "Status": {"type": "string", "enum": ["draft", "active"]},
        }
    },
}


def changed(change: str) -> dict[str, Any]:
    """SMALL with one Python statement run on it, in which `post`, `given`, `out` and `status` are its parts."""
    document = deepcopy(SMALL)
    schemas = document["components"]["schemas"]
    post = document["paths"]["/goals/"]["post"]
    parts = {
        "document": document,
        "post": post,
        "given": schemas["In"],
        "out": schemas["Out"],
        "status": schemas["Status"],
    }
    exec(change, parts)  # noqa: S102 - the changes stand below
    return document


@pytest.mark.parametrize(
    "change",
    [
        "",
        "document['paths']['/more/'] = {}",
        "document['paths']['/goals/']['get'] = {'operationId': 'goals_list', 'responses': {}}",
        "given['properties']['more'] = {'type': 'string'}",
        "given['properties']['title']['maxLength'] = 2000",
        "given['properties']['title']['type'] = ['string', 'null']",
        "given['required'] = []",
        "out['properties']['more'] = {'type': 'string'}",
        "out['required'] = ['id', 'goals']",
        "status['enum'].append('done')",
        "post['parameters'].append({'in': 'query', 'name': 'more', 'schema': {'type': 'string'}})",
        "post['responses']['409'] = {}",
    ],
)
def test_what_may_be_added(change: str) -> None:
    assert breaking_changes(SMALL, changed(change)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("document['paths'].clear()", "POST /goals/: is gone"),
        ("document['paths']['/goals/'].clear()", "POST /goals/: is gone"),
        ("post['operationId'] = 'goals_make'", "POST /goals/: is called goals_make instead of goals_create"),
        ("post['parameters'].clear()", "POST /goals/: parameter query render is gone"),
        ("post['parameters'][0]['required'] = True", "POST /goals/: parameter query render is newly required"),
        (
            "post['parameters'][0]['schema'] = {'type': 'integer'}",
            "POST /goals/ ?query render: type string became integer",
        ),
        (
            "post['parameters'][0]['schema']['enum'] = ['html']",
            "POST /goals/ ?query render: only some values are taken now",
        ),
        ("del post['requestBody']", "POST /goals/: takes no body any more"),
        ("post['responses'].pop('201')", "POST /goals/: no longer answers 201"),
        ("given['properties'].pop('labels')", "POST /goals/ body: field labels is gone"),
        ("given['required'].append('labels')", "POST /goals/ body: field labels is newly required"),
        ("given['properties']['title']['maxLength'] = 10", "POST /goals/ body.title: maxLength became 10"),
        ("given['properties']['title']['minLength'] = 1", "POST /goals/ body.title: minLength became 1"),
        ("given['properties']['title']['format'] = 'uri'", "POST /goals/ body.title: format became uri"),
        ("given['properties']['owner']['oneOf'].pop(1)", "POST /goals/ body.owner: no longer takes object"),
        (
            "given['properties']['labels']['items'] = {'type': 'integer'}",
            "POST /goals/ body.labels[]: type string became integer",
        ),
        ("given['additionalProperties'] = False", "POST /goals/ body: unknown fields are refused now"),
        ("status['enum'].remove('draft')", "POST /goals/ body.status: value 'draft' is gone"),
        ("out['properties'].pop('id')", "POST /goals/ 201: field id is gone"),
        ("out['properties']['id']['type'] = ['string', 'null']", "POST /goals/ 201.id: type string became null/string"),
        ("out['required'] = []", "POST /goals/ 201: field id may now be missing"),
    ],
)
def test_what_breaks(change: str, told: str) -> None:
    assert breaking_changes(SMALL, changed(change)) == [told]


def test_nothing_was_taken_away_since_the_last_releases() -> None:
    now = yaml.safe_load((FOLDER / "openapi.yaml").read_text())
    released = sorted((FOLDER / "released").glob("openapi-v1.*.yaml"))
    assert released
    for path in released:
        assert breaking_changes(yaml.safe_load(path.read_text()), now) == [], path.name
