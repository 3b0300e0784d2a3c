"""Templates: each is used by a page, and every word in them can be translated."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
# Found by Django and allauth by their place alone, not by a line of ours.
BY_CONVENTION = ("400.html", "403.html", "404.html", "429.html", "500.html", "503.html", "account/", "mfa/", "allauth/",
                 "socialaccount/", "usersessions/", "django/", "openid/", "403_csrf.html")  # fmt: skip


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


def _sources() -> str:
    """Everything that can name a template."""
    python = [path for folder in ("apps", "config") for path in (ROOT / folder).rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*python, *TEMPLATES])


def test_every_template_is_rendered_by_something() -> None:
    sources = _sources()
    unused = [
        name
        for name in map(_name, TEMPLATES)
        if not name.startswith(BY_CONVENTION) and f'"{name}' not in sources and f"'{name}" not in sources
        and f'"{name.rsplit(".", 1)[0]}' not in sources
    ]  # fmt: skip
    assert unused == []


TRANSLATED = re.compile(r"\{%\s*blocktranslate.*?%\}.*?\{%\s*endblocktranslate\s*%\}", re.DOTALL)
COMMENTS = re.compile(
    r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->"
    r"|\{%\s*block (?:main_class|body_class)\s*%\}.*?\{%\s*endblock\b[^%]*%\}",
    re.DOTALL,
)
SCRIPTS = re.compile(r"<(script|style|svg|code|pre|kbd)\b.*?</\1>", re.DOTALL)
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
ATTRIBUTES = re.compile(r"\b(?:title|alt|placeholder|aria-label|aria-description)=\"([^\"]*)\"")
MARKUP = re.compile(r"<[^>]*>", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
NOT_WORDS = {
    "Counterpoise",
    "CSV",
    "JSON",
    "nbsp",
    "middot",
    "rarr",
    "larr",
    "times",
    "hellip",
    "amp",
    "quot",
    "lt",
    "gt",
    "ndash",
    "mdash",
}


def untranslated(text: str) -> list[str]:
    """The words of a template that a reader sees and no translator does."""
    for pattern in (COMMENTS, TRANSLATED, SCRIPTS):
        text = pattern.sub(" ", text)
    said = [TAGS.sub(" ", value) for value in ATTRIBUTES.findall(text)]
    text = MARKUP.sub(" ", TAGS.sub(" ", text))
    return [word for part in [*said, text] for word in WORD.findall(part) if word not in NOT_WORDS]


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_all_words_go_through_gettext(path: Path) -> None:
    assert untranslated(path.read_text(encoding="utf-8")) == []


def test_the_search_for_untranslated_words_finds_them() -> None:
    assert untranslated('<p title="Say">{{ x }} it</p>{% translate "fine" %}') == ["Say", "it"]
