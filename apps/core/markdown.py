"""Markdown and imported HTML as safe markup: parsed by markdown-it, then cleaned by nh3, whatever came in."""

from functools import lru_cache

import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

LONGEST = 50_000
PHRASES = "a abbr b br code del em i ins kbd mark s strong sub sup"
BLOCKS = "blockquote h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td th thead tr ul"
TAGS = set(PHRASES.split()) | set(BLOCKS.split())
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
REL = "noopener noreferrer nofollow ugc"

_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])


def clean(html: str) -> str:
    """HTML from anywhere, with only the tags, attributes and addresses that a note needs. Pictures go: they call home.

    Headings become bold paragraphs, because a note stands inside a page whose headings have their own order. The
    replacement works on what nh3 wrote, where a tag has one spelling and text holds no bare angle bracket.
    """
    safe = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL)
    for level in range(1, 7):
        safe = safe.replace(f"<h{level}>", "<p><strong>").replace(f"</h{level}>", "</strong></p>")
    return safe


@lru_cache(maxsize=2048)
def _rendered(text: str, form: str) -> SafeString:
    if len(text) > LONGEST:
        return mark_safe(nh3.clean(linebreaks(text, autoescape=True), tags={"p", "br"}))  # noqa: S308 - cleaned here
    return mark_safe(clean(text if form == "html" else _parser.render(text)))  # noqa: S308 - cleaned here


def render(text: str | None, form: str = "markdown") -> SafeString:
    """Safe markup for a text of the form "markdown", "html" or "text"; nothing for nothing.

    What is longer than LONGEST is not parsed but shown as it was written: nobody reads it, and it would cost the page.
    """
    written = (text or "").replace("\0", "")
    if not written.strip():
        return SafeString("")
    if form == "text":
        return mark_safe(linebreaks(written, autoescape=True))  # noqa: S308 - escaped by linebreaks
    return _rendered(written, form)
