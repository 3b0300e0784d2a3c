"""The template tags of every page: a builtin, so no page loads it. docs/components.md shows each with an example.

Split by noun: words (numbers, text), links (addresses, icons), people, dates, figures (progress, status), graphs
(charts), fields (forms), blocks (cards, menus, dialogs, tables).
"""

from apps.core.templatetags.core import blocks, dates, fields, figures, graphs, links, people, words
from apps.core.templatetags.core.registry import register

__all__ = ["blocks", "dates", "fields", "figures", "graphs", "links", "people", "register", "words"]
