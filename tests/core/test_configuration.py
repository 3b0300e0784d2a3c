"""The settings and their page tell the same."""

import re

from tests.servers import ROOT


def test_every_variable_is_documented_and_every_documented_one_exists():
    settings = "".join((ROOT / "config" / name).read_text() for name in ("settings.py", "server.py"))
    read = set(re.findall(r'env(?:_flag|_list|_days)?\(\s*"([A-Z_]+)"', settings))
    read |= set(re.findall(r'os\.environ\.get\(\s*"([A-Z_]+)"', settings))
    page = (ROOT / "docs" / "configuration.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    documented = set(re.findall(r"`([A-Z_]+)`", "".join(rows)))
    assert documented == read
