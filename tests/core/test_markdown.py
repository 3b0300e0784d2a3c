"""What people wrote becomes safe markup, whatever they wrote."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](https://tracker.example/pixel.gif)",
    '<a href="javascript:alert(1)" onclick="x()">x</a>',
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example></iframe>",
    '<p style="position:fixed">x</p>',
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<form action=//evil.example><input name=q></form>",
    "<style>*{display:none}</style>",
    '<b id="words" class="toast">x</b>',
    "`<script>`",
    "<<script>script>alert(1)<</script>/script>",
    '[x](https://a.example"onmouseover=alert(1))',
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
]
TAG = re.compile(r"<\s*/?\s*([a-zA-Z0-9-]+)([^>]*)>")


def assert_safe(html: str):
    for name, rest in TAG.findall(html):
        assert name.lower() in markdown.TAGS
        assert not re.search(
            r"\bon\w+\s*=|style\s*=|class\s*=|\bid\s*=|srcset|formaction", re.sub(r'"[^"]*"', '""', rest)
        )
        for address in re.findall(r'href="([^"]*)"', rest):
            assert not re.match(r"\s*(javascript|data|vbscript|file)\s*:", address, re.IGNORECASE)


@pytest.mark.parametrize("form", ["markdown", "html", "text"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_render_lets_no_attack_through(attack: str, form: str):
    assert_safe(str(markdown.render(attack, form)))


@given(st.text(max_size=300), st.sampled_from(["markdown", "html", "text", "else"]))
def test_render_is_safe_for_any_text(text: str, form: str):
    assert_safe(str(markdown.render(text, form)))


def test_render_marks_links_as_strangers():
    html = markdown.render("[list](https://example.org/a?b=1&c=2)")
    assert 'rel="noopener noreferrer nofollow ugc"' in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html


def test_render_keeps_what_a_note_needs():
    html = markdown.render("**a** _b_ `c` ~~d~~\n\n- e\n\n> f\n\n| g | h |\n|---|---|\n| 1 | 2 |")
    for tag in ("strong", "em", "code", "s", "li", "blockquote", "td"):
        assert f"<{tag}>" in html


def test_render_turns_headings_into_bold_paragraphs():
    assert markdown.render("# One").strip() == "<p><strong>One</strong></p>"
    assert "<h2>" not in markdown.render("<h2>Two</h2>", "html")


def test_render_shows_markup_in_code_as_written():
    assert "&lt;h1&gt;" in markdown.render("`<h1>`")


@pytest.mark.parametrize("nothing", [None, "", "  \n ", "\0"])
def test_render_of_nothing_is_nothing(nothing: str | None):
    assert markdown.render(nothing) == ""


def test_render_does_not_parse_what_is_too_long():
    html = markdown.render("**" * markdown.LONGEST)
    assert "<strong>" not in html
    assert html.startswith("<p>**")


def test_render_of_deep_nesting_ends():
    assert_safe(str(markdown.render(">" * 20_000 + "x")))
    assert_safe(str(markdown.render("[" * 20_000)))
    assert_safe(str(markdown.render("<b>" * 5_000, "html")))


def test_render_of_text_escapes_and_breaks_lines():
    assert markdown.render("a <b>\nc", "text") == "<p>a &lt;b&gt;<br>c</p>"
