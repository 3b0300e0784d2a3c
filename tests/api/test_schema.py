"""The schema: valid, whole, believable, and the same as the committed one."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from apps.core.api_schema.document import PROBLEM, operations
from apps.integrations.models import SCOPES
from apps.integrations.views.api_docs import SchemaView

COMMITTED = Path(settings.BASE_DIR) / "docs" / "integrators" / "openapi.yaml"
ALWAYS = {"401", "403", "406", "429", "503"}


@pytest.fixture(scope="module")
def text() -> str:
    """The schema as it is now."""
    GENERATOR_STATS.reset()
    with translation.override("en"):
        document = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiYamlRenderer().render(document, renderer_context={}).decode()


@pytest.fixture(scope="module")
def document(text: str) -> dict[str, Any]:
    """The same, read again."""
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_schema_is_valid_and_made_without_a_warning(document: dict[str, Any]) -> None:
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache
    validate_schema(document)
    assert document["openapi"].startswith("3.1")


def test_the_committed_schema_is_the_present_one(text: str) -> None:
    """After a change: manage.py spectacular --validate --fail-on-warn --file docs/integrators/openapi.yaml"""
    assert COMMITTED.read_text() == text


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    families = {scope.partition(":")[0] for scope in SCOPES} | {"general"}
    assert {tag["name"] for tag in document["tags"]} == families
    ids = []
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        ids.append(operation["operationId"])
        assert operation["summary"], where
        assert operation["description"], where
        assert set(operation["tags"]) <= families, where
        assert operation["responses"].keys() >= ALWAYS, where
        assert ("404" in operation["responses"]) >= ("{" in path), where
        assert ("415" in operation["responses"]) >= ("requestBody" in operation), where
    assert len(ids) == len(set(ids))


def test_names_of_enums_are_chosen(document: dict[str, Any]) -> None:
    generated = [name for name in document["components"]["schemas"] if name.endswith("Enum")]
    assert generated in ([], ["NullEnum"])


def contents(document: dict[str, Any]) -> Any:
    """(where, content) of every request and answer with a body."""
    for path, method, operation in operations(document):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{method} {path} {kind}", content
        for status, response in operation["responses"].items():
            for kind, content in response.get("content", {}).items():
                if "$ref" in content["schema"]:  # a file has no shape
                    yield f"{method} {path} {status} {kind}", content


def example_of(document: dict[str, Any], content: dict[str, Any]) -> Any:
    """The example a content refers to."""
    name = content["examples"]["example"]["$ref"].rpartition("/")[2]
    return document["components"]["examples"][name]["value"]


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    number = 0
    for where, content in contents(document):
        schema = {**content["schema"], "components": document["components"]}
        example = example_of(document, content)
        errors = [each.message for each in jsonschema.Draft202012Validator(schema).iter_errors(example)]
        assert errors == [], where
        number += 1
    assert number > 100


def test_errors_are_problems_that_name_their_status(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == [PROBLEM], (path, method, status)
                assert example_of(document, response["content"][PROBLEM])["status"] == int(status)


def test_headers_are_told_where_they_come(document: dict[str, Any]) -> None:
    post = document["paths"]["/api/v1/goals/"]["post"]["responses"]
    assert {"ETag", "Location", "Idempotency-Replayed", "RateLimit-Limit"} <= post["201"]["headers"].keys()
    assert "Retry-After" in post["429"]["headers"]
    assert "ETag" in document["paths"]["/api/v1/goals/"]["get"]["responses"]["304"]["headers"]


def test_the_schema_is_served_to_anyone(db: None) -> None:
    response = Client().get("/api/v1/schema/")
    assert response.status_code == 200
    assert yaml.safe_load(response.content)["info"]["title"] == "Counterpoise"


def test_the_schema_is_made_once_for_each_format(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SchemaView, "kept", {})
    kinds = ("application/json", "application/yaml")
    first = [Client(headers={"accept": kind}).get("/api/v1/schema/") for kind in kinds]
    monkeypatch.delattr(SchemaView.generator_class, "get_schema")
    again = [Client(headers={"accept": kind}).get("/api/v1/schema/") for kind in kinds]
    assert [answer.content for answer in again] == [answer.content for answer in first]
    assert [answer["Content-Type"] for answer in again] == [answer["Content-Type"] for answer in first]
    assert first[0].json()["info"] == yaml.safe_load(first[1].content)["info"]


def test_the_schema_comes_in_the_form_that_is_asked_for(db: None) -> None:
    as_json = Client().get("/api/v1/schema/?format=json")
    assert "json" in as_json["Content-Type"]
    assert as_json["Content-Disposition"].endswith('.json"')
    assert yaml.safe_load(Client().get("/api/v1/schema/?format=yaml").content) == as_json.json()


@pytest.mark.parametrize("query", ["q=1", "lang=de", "version=2", "format=xml", "format=json&format=yaml"])
def test_the_schema_is_not_made_anew_for_a_parameter(db: None, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    monkeypatch.delattr(SchemaView.generator_class, "get_schema")
    answer = Client().get(f"/api/v1/schema/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]
