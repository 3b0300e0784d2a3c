"""How much of the code the type checks cannot follow."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ANY_MOST = 656  # it may only fall: lower it with each Any that goes


def test_any_becomes_rarer() -> None:
    sources = [path for name in ("apps", "config") for path in (ROOT / name).rglob("*.py")]
    assert sum(len(re.findall(r"\bAny\b", path.read_text(encoding="utf-8"))) for path in sources) <= ANY_MOST
