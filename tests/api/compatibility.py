"""What a program that was written against one version of the schema would trip over in another.

Within v1 one may add: paths, methods, fields of answers, optional inputs, values of enums, wider limits.
`breaking_changes` names everything else.
"""

from collections.abc import Iterator
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
CEILINGS, FLOORS = ("maxLength", "maximum", "maxItems"), ("minLength", "minimum", "minItems")
Document = dict[str, Any]


def breaking_changes(old: Document, new: Document) -> list[str]:
    """One line for each change that breaks a program made for `old`."""
    return sorted(set(_Comparison(old, new).run()))


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.seen: set[tuple[str, str, bool]] = set()

    def run(self) -> Iterator[str]:
        for path, item in self.old["paths"].items():
            for method in (name for name in METHODS if name in item):
                where = f"{method.upper()} {path}"
                found = self.new["paths"].get(path, {}).get(method)
                if found is None:
                    yield f"{where}: is gone"
                else:
                    yield from self._operation(where, item[method], found)

    def _operation(self, where: str, old: Any, new: Any) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{where}: is called {new['operationId']} instead of {old['operationId']}"
        yield from self._parameters(where, _named(old), _named(new))
        yield from self._body(where, old.get("requestBody"), new.get("requestBody"))
        for status, response in old["responses"].items():
            if not status.startswith("2"):
                continue
            if status not in new["responses"]:
                yield f"{where}: no longer answers {status}"
                continue
            for kind, content in response.get("content", {}).items():
                other = new["responses"][status].get("content", {}).get(kind)
                if other is None:
                    yield f"{where}: {status} is no longer {kind}"
                else:
                    yield from self._schema(f"{where} {status}", content["schema"], other["schema"], is_input=False)

    def _parameters(self, where: str, old: Any, new: Any) -> Iterator[str]:
        for name in old.keys() - new.keys():
            yield f"{where}: parameter {name} is gone"
        for name, parameter in new.items():
            was_required = name in old and old[name].get("required", False)
            if parameter.get("required", False) and not was_required:
                yield f"{where}: parameter {name} is newly required"
            if name in old:
                yield from self._schema(f"{where} ?{name}", old[name]["schema"], parameter["schema"], is_input=True)

    def _body(self, where: str, old: Any, new: Any) -> Iterator[str]:
        if new is None:
            if old is not None:
                yield f"{where}: takes no body any more"
            return
        if new.get("required") and not (old or {}).get("required"):
            yield f"{where}: a body is newly required"
        for kind, content in (old or {}).get("content", {}).items():
            other = new["content"].get(kind)
            if other is None:
                yield f"{where}: no longer takes {kind}"
            else:
                yield from self._schema(f"{where} body", content["schema"], other["schema"], is_input=True)

    def _schema(self, where: str, old: Any, new: Any, *, is_input: bool) -> Iterator[str]:
        key = (old.get("$ref", ""), new.get("$ref", ""), is_input)
        if key[0] and key in self.seen:
            return
        self.seen.add(key)
        before, after = _alternatives(self.old, old), _alternatives(self.new, new)
        if len(before) == len(after) == 1:
            yield from self._plain(where, before[0], after[0], is_input=is_input)
            return
        # Whatever was taken must still fit somewhere; whatever is answered must have been possible before.
        given, taken = (before, after) if is_input else (after, before)
        for each in given:
            if not any(self._fits(each, other, is_input=is_input) for other in taken):
                yield f"{where}: {'no longer takes' if is_input else 'may now be'} {_kind(each)}"

    def _fits(self, given: Any, taken: Any, *, is_input: bool) -> bool:
        old, new = (given, taken) if is_input else (taken, given)
        return not list(_Comparison(self.old, self.new)._plain("", old, new, is_input=is_input))

    def _plain(self, where: str, old: Any, new: Any, *, is_input: bool) -> Iterator[str]:
        before, after = _types(old), _types(new)
        narrower = (before and after and before - after) if is_input else (after - before if before else set())
        if narrower or (is_input and after and not before):
            yield f"{where}: type {_kind(old)} became {_kind(new)}"
        for value in set(old.get("enum", [])) - set(new.get("enum", old.get("enum", []))):
            yield f"{where}: value {value!r} is gone"
        if is_input:
            yield from _narrowed(where, old, new)
        if "items" in old and "items" in new:
            yield from self._schema(f"{where}[]", old["items"], new["items"], is_input=is_input)
        yield from self._properties(where, old, new, is_input=is_input)

    def _properties(self, where: str, old: Any, new: Any, *, is_input: bool) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name not in after:
                yield f"{where}: field {name} is gone"
            else:
                yield from self._schema(f"{where}.{name}", schema, after[name], is_input=is_input)
        required, now = set(old.get("required", [])), set(new.get("required", []))
        if is_input:
            yield from (f"{where}: field {name} is newly required" for name in now - required)
        else:
            yield from (f"{where}: field {name} may now be missing" for name in (required - now) & after.keys())


def _narrowed(where: str, old: Any, new: Any) -> Iterator[str]:
    for names, sign in ((CEILINGS, 1), (FLOORS, -1)):
        for name in names:
            if name in new and (name not in old or sign * new[name] < sign * old[name]):
                yield f"{where}: {name} became {new[name]}"
    for name in ("pattern", "format"):
        if name in new and new[name] != old.get(name):
            yield f"{where}: {name} became {new[name]}"
    if new.get("enum") and not old.get("enum"):
        yield f"{where}: only some values are taken now"
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield f"{where}: unknown fields are refused now"


def _named(operation: Any) -> dict[str, Any]:
    return {f"{each['in']} {each['name']}": each for each in operation.get("parameters", [])}


def _alternatives(document: Document, schema: Any) -> list[Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return [found for each in schema[several] for found in _alternatives(document, each)]
    if len(schema.get("allOf", [])) == 1:
        return _alternatives(document, schema["allOf"][0])
    return [schema]


def _types(schema: Any) -> set[str]:
    kinds = schema.get("type")
    if kinds is None:
        return {"null"} if schema.get("enum") == [None] else set()
    found = {kinds} if isinstance(kinds, str) else set(kinds)
    return found | {"integer"} if "number" in found else found


def _kind(schema: Any) -> str:
    return "/".join(sorted(_types(schema))) or "anything"
