"""What a first visit loads, and what the templates may not hold."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from lucide import IconDoesNotExist

from apps.core.templatetags.core.links import icon_markup

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FIRST_LOAD = 60 * 1024
ASIDE = 19 * 1024  # the page itself with its icons, and what only it loads; test_weight.py weighs whole pages


def loaded() -> set[str]:
    """The static files that the frame names, with htmx."""
    text = (ROOT / "templates/base.html").read_text() + (ROOT / "templates/components/_head.html").read_text()
    return {*re.findall(r"{% static '([^']+)' %}", text), "django_htmx/htmx-2.min.js"}


def test_first_load_fits_its_budget():
    size = 0
    for name in loaded():
        path = finders.find(name)
        assert path, name
        size += len(gzip.compress(Path(path).read_bytes()))
    assert size <= FIRST_LOAD - ASIDE


def test_modules_import_nothing():
    for path in (ROOT / "static/js").glob("*.js"):
        assert not re.search(r"^\s*import\b|\beval\(|\.innerHTML|new Function", path.read_text(), re.MULTILINE), (
            path.name
        )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_hold_no_inline_style_or_script(path: Path):
    text = path.read_text(encoding="utf-8")
    mail = "mail" in path.parts or "email" in path.parts  # readers of mail know no style sheets of ours
    assert mail or not re.search(r"\sstyle=|<style", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=[\"']|hx-on|javascript:", text)


def test_every_named_icon_exists():
    used = [
        match
        for path in TEMPLATES
        for match in re.findall(r'{% icon "([\w-]+)"|icon(?:_name)?="([\w-]+)"', path.read_text())
    ]
    names = {name for pair in used for name in pair if name}
    unknown = set()
    for name in names:
        try:
            icon_markup(name)
        except IconDoesNotExist:
            unknown.add(name)
    assert names
    assert unknown == set()
