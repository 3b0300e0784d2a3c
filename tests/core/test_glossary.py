"""The glossary names what is there."""

import ast
import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROWS = [line.split("|") for line in (ROOT / "docs" / "glossary.md").read_text().splitlines() if line.startswith("| ")]
NAMED = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[3])}
# Parts of other things: what they are for stands with those.
PARTS = {
    "CheckInRevision", "ExportChunk", "GoalSupport", "GoalValue", "HandoverTask", "ImportRecord", "ImportRow",
    "TaskHelper", "TaskTeam",
}  # fmt: skip
# What administrators and integrators set up: their own pages of the docs say what they are.
SET_UP = {"ApiToken", "ChatChannel", "Export", "FaultyAddress", "ImportJob", "Invitation", "Webhook", "WebhookDelivery"}


def test_every_name_in_the_glossary_is_a_class() -> None:
    classes = {
        node.name
        for path in (ROOT / "apps").rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    assert NAMED - classes == set()


def test_every_model_stands_in_the_glossary() -> None:
    models = {model.__name__ for model in apps.get_models() if model.__module__.startswith("apps.")}
    assert models - NAMED - PARTS - SET_UP == set()
    assert (PARTS | SET_UP) - models == set()
