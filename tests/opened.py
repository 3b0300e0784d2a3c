"""A form as a browser opens it, and sends it back."""

from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any

from django.test import Client

Sent = dict[str, Any]


class OpenedForm(HTMLParser):
    """What a browser would send of each form of a page that posts, untouched: name → values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._form: dict[str, list[str]] | None = None
        self._select: dict[str, Any] | None = None
        self._area: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take up a form, or what stands in one."""
        given = dict(attrs)
        if tag == "form":
            self._start(given)
        elif self._form is not None and "disabled" not in given:
            name = given.get("name") or ""
            match tag:
                case "input" if name:
                    self._input(self._form, name, given)
                case "textarea" if name:
                    self._area = name
                    self._form.setdefault(name, []).append("")
                case "select":
                    self._select = {"name": name, "several": "multiple" in given, "chosen": [], "first": None}
                case "option" if self._select is not None:
                    self._option(self._select, given)

    def _start(self, given: dict[str, str | None]) -> None:
        self._form = {}
        if (given.get("method") or "").lower() == "post":
            self.forms.append(self._form)

    def _option(self, select: dict[str, Any], given: dict[str, str | None]) -> None:
        value = given.get("value") or ""
        if select["first"] is None:
            select["first"] = value
        if "selected" in given:
            select["chosen"].append(value)

    def _input(self, form: dict[str, list[str]], name: str, given: dict[str, str | None]) -> None:
        kind = given.get("type") or "text"
        if kind in {"submit", "button", "image", "reset", "file"}:
            return
        if kind not in {"checkbox", "radio"}:
            form.setdefault(name, []).append(given.get("value") or "")
        elif "checked" in given:
            form.setdefault(name, []).append(given.get("value", "on") or "")

    def handle_data(self, data: str) -> None:
        """The text of a textarea; its first line break is markup, and the others are sent as CR LF."""
        if self._area is not None and self._form is not None:
            self._form[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        """The end of a form, or of what stands in one."""
        if tag == "textarea" and self._area is not None and self._form is not None:
            text = self._form[self._area][-1].removeprefix("\n")
            self._form[self._area][-1] = text.replace("\r\n", "\n").replace("\n", "\r\n")
            self._area = None
        elif tag == "select" and self._select is not None and self._form is not None:
            chosen, first = self._select["chosen"], self._select["first"]
            values = chosen if self._select["several"] else (chosen[-1:] or ([first] if first is not None else []))
            if self._select["name"] and values:
                self._form.setdefault(self._select["name"], []).extend(values)
            self._select = None
        elif tag == "form":
            self._form = None


def opened_in(page: str) -> Sent:
    """What a browser would send back of the page's one form that changes something, untouched."""
    found = [form for form in OpenedForm(page).forms if "version" in form]
    assert len(found) == 1, f"{len(found)} forms with a version"
    return dict(found[0])


def opened(client: Client, url: str, **headers: Any) -> Sent:
    """The same of the page at the address."""
    answer = client.get(url, **headers)
    assert answer.status_code == 200, answer.status_code
    return opened_in(answer.content.decode())


def with_changes(form: Sent, changes: Sent) -> Sent:
    """What is sent where a person made these changes; None takes a tick or a row away."""
    sent = {**form, **changes}
    return {name: value for name, value in sent.items() if value is not None}


def save(client: Client, url: str, changes: Sent, **options: Any) -> Any:
    """Open a form, change something, and send it."""
    return client.post(url, with_changes(opened(client, url), changes), **options)


def send(client: Client, url: str, data: Sent, **options: Any) -> Any:
    """Send these fields upon what the form says now."""
    page = client.get(url, **options)
    forms = OpenedForm(page.content.decode()).forms if page.status_code == HTTPStatus.OK else []
    version = [each for form in forms for each in form.get("version", [])]
    return client.post(url, {"version": version, **data}, **options)
