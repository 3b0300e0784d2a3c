"""What people read uses the words they know from other tools; `docs/glossary.md` has the others."""

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]

# What was said once and reads as if translated, and what is said instead, in any form of the words.
INSTEAD = {
    r"what reaches you|how far (news|it) reaches": "Notification settings",
    r"\b(take|takes|taken|took|taking)\b( [\w“”%()]+){0,3} away\b": "Remove",
    r"^load$|\bload page\b|→ load\b": "Workload",
    r"(?-i:^Away$)|→ away\b|\babsences?\b": "Time off",
    r"\btime says\b": "Behind schedule",
    r"clear enough": "Clarity check",
    r"\bbeneath\b": "Sub-goals, sub-teams",
    r"\b(gives?|giving|gave) time\b": "Contributors",
    r"how much it matters": "Priority",
    r"%\(count\)s silent|\bsilent(ly)?\b": "No recent check-in",
    r"\bsay read\b": "Acknowledge",
    r"the day is yours|you have read everything": "You're all caught up",
    r"^(to hear|heard)$|\blast heard\b": "Received, Given, Requests",
    r"^ask somebody(: .*)?$|“ask somebody”": "Assign",
    r"how does it go\b": "How is it going?",
    r"has to be held": "Needs an owner",
    r"\bnews of the kind\b|kind of news": "Kind of notification",
}
# Names that only the admin site and developers see: those of the models.
NAMES = {"absence", "absences"}


def odd_words(text: str) -> list[str]:
    return [f"{text!r}: say {word!r}" for odd, word in INSTEAD.items() if re.search(odd, text, re.IGNORECASE)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Take away “%(name)s”?", "Remove"),
        ("Take a filter away, or search", "Remove"),
        ("Load", "Workload"),
        ("Goals beneath it", "Sub-goals"),
        ("%(count)s silent", "No recent check-in"),
        ("Ask somebody: %(role)s", "Assign"),
    ],
)
def test_odd_words_are_found(text: str, word: str) -> None:
    assert word in odd_words(text)[0]


def test_no_message_uses_a_word_that_reads_as_if_translated() -> None:
    catalogue = polib.pofile(str(ROOT / "locale/de/LC_MESSAGES/django.po"))
    texts = {text for each in catalogue for text in (each.msgid, each.msgid_plural) if text and text not in NAMES}
    found = [each for text in sorted(texts) for each in odd_words(text)]
    assert not found, "\n".join(found)


def test_no_page_of_the_users_docs_uses_a_word_that_reads_as_if_translated() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {each}"
        for path in sorted((ROOT / "docs/users").glob("*.md"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        for each in odd_words(re.sub(r"`[^`]*`", "", line))
    ]
    assert not found, "\n".join(found)
