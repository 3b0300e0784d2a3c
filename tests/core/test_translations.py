"""The German catalogue: complete, with every placeholder, compiled, and what a German reader gets to see.

New words make the first test red; CONTRIBUTING.md says how to translate them.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.utils.translation.template import templatize

from apps.workspaces.models import Member

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale/de/LC_MESSAGES/django.po"
# A message's key in a catalogue: its context, its text, its plural.
Message = tuple[str | None, str, str]

CALLS = {"_": 1, "gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"\b(_|n?p?gettext)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)", re.DOTALL)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%s|\{\w*\}|</?\w+[^>]*>")


def message(call: str, texts: list[str]) -> Message:
    """The key of the message that a call of gettext's family with these texts asks for."""
    context = texts.pop(0) if "pgettext" in call else None
    return context, texts[0], texts[1] if "nget" in call or "npget" in call else ""


def messages_in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        call = name.removesuffix("_lazy").removesuffix("_noop")
        arguments = node.args[: CALLS.get(call, 0)]
        texts = [each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if texts and len(texts) == len(arguments):
            yield message(call, texts)


def messages_in_template(source: str) -> Iterator[Message]:
    for call, literals in IN_TEMPLATE.findall(templatize(source)):
        yield message(call, [ast.literal_eval(each) for each in re.findall(LITERAL, literals, re.DOTALL)])


def messages_in_source() -> dict[Message, Path]:
    """Each text that people read, as Python and templates write it, and a file where it stands."""
    found: dict[Message, Path] = {}
    for folder in ("apps", "config", "templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"}:
                read = messages_in_python if path.suffix == ".py" else messages_in_template
                found.update((each, path.relative_to(ROOT)) for each in read(path.read_text()) if each[1])
    return found


def entries(catalogue: polib.POFile | polib.MOFile) -> dict[Message, tuple[str, ...]]:
    return {
        (each.msgctxt, each.msgid, each.msgid_plural): tuple(each.msgstr_plural.values()) or (each.msgstr,)
        for each in catalogue
        if "fuzzy" not in each.flags and all(each.msgstr_plural.values() or [each.msgstr])
    }


@pytest.fixture(scope="module")
def german() -> dict[Message, tuple[str, ...]]:
    return entries(polib.pofile(str(CATALOGUE)))


def test_every_message_of_the_source_is_translated(german: dict[Message, tuple[str, ...]]) -> None:
    # A text used with and without a plural is one entry, under its plural.
    known = german.keys() | {(context, text, "") for context, text, _ in german if text}
    missing = [f"{path}: {each[1]!r}" for each, path in messages_in_source().items() if each not in known]
    assert not missing, "\n".join(["Not in German yet (see CONTRIBUTING.md, Translations):", *missing])


def test_the_walk_reads_every_way_to_write_a_message() -> None:
    python = "_('a' 'b'); ngettext('one', 'two', n); pgettext_lazy('c', 'd'); npgettext('c', 'x', 'y', n); _(name)"
    assert list(messages_in_python(python)) == [
        (None, "ab", ""),
        (None, "one", "two"),
        ("c", "d", ""),
        ("c", "x", "y"),
    ]
    template = (
        "{% load i18n %}{% translate 'a' %}{% translate \"it's\" context 'c' %}{{ x|default:_('b') }}"
        "{% blocktranslate trimmed count n=n with p=p %}\n one {{ p }}\n{% plural %}\n{{ n }} of 100%\n"
        "{% endblocktranslate %}"
    )
    assert list(messages_in_template(template)) == [
        (None, "a", ""),
        ("c", "it's", ""),
        (None, "b", ""),
        (None, "one %(p)s", "%(n)s of 100%%"),
    ]


def test_translations_keep_every_placeholder_and_tag(german: dict[Message, tuple[str, ...]]) -> None:
    for (_, singular, plural), translated in german.items():
        sources = (singular, plural) if plural else (singular,)
        for source, target in zip(sources, translated, strict=True):
            assert sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(target)), (source, target)


def test_the_compiled_catalogue_is_the_written_one(german: dict[Message, tuple[str, ...]]) -> None:
    assert entries(polib.mofile(str(CATALOGUE.with_suffix(".mo")))) == german


def test_the_catalogue_names_no_machine() -> None:
    assert not [line for line in CATALOGUE.read_text().splitlines() if line.startswith("#:")]


def test_a_german_reader_gets_german_goals(bob: Member, client_of: Callable[[Member], Client]) -> None:
    assert bob.user is not None
    bob.user.language = "de"
    bob.user.save()

    page = client_of(bob).get(f"/w/{bob.workspace.slug}/goals/", follow=True).content.decode()

    assert '<html lang="de"' in page
    assert "Ein Ziel sagt, was ihr erreichen wollt" in page
    assert "Prioritätenkarte" in page
    assert "A goal says what you want to reach" not in page
