"""How often that is tried which only chance finds: `dev.py test --full` tries all of it, every day a tenth.

CONTRIBUTING.md tells the counts; tests/architecture/test_counts.py holds both together.
"""

import os

VARIABLE = "COUNTERPOISE_TESTS"
FULL = {
    "kills of digest workers": 200,
    "runs of killed mail senders": 30,
    "runs of killed webhook senders": 20,
    "rounds of equal requests at once": 100,
    "two closings at once": 1_000,
    "meetings of several people": 100,
    "goals that a generated client brings": 216,
    "moments at which the demo is built": 10,
}
SHARE = 10


def times(full: int) -> int:
    """The count of this run, of all there are in a full one."""
    return full if os.environ.get(VARIABLE) == "full" else max(1, full // SHARE)
