"""Who is away, who covers, who hands over; and the hours that people wrote down."""

from collections.abc import Mapping

from apps.demo.services.story.shapes import Away, HandoverPlan
from apps.demo.services.story.tasks_care import FALLS, MEMORY, NINE_DAYS, PHONE
from apps.demo.services.story.tasks_office import CARD, FORM, INVOICES, REFUNDS, RESTORE

ABSENCES = (
    Away("samir", -38, -29, {"": "dario"}, "Mondays are the hard part. Kirsten knows the rota."),
    Away("tamar", -70, -60),
    Away(
        "agnes",
        -3,
        8,
        {"medicine-cabinet": "hanne", MEMORY: "hanne", "": "ruta"},
        "The register lies in the upper drawer. If the count is off, call Salma and not the pharmacy.",
    ),
    Away("wen", -1, 1),
    Away(
        "maya",
        19,
        30,
        {"referrals": "noor", "": "samir"},
        "I am not to be reached, and that is the point. Ana decides what cannot wait.",
        is_open=True,
    ),
    Away("rasmus", 34, 44),
)

HANDOVERS = (
    HandoverPlan(
        "callbacks",
        "dario",
        "kirsten",
        "The sheet hangs beside the second desk. Two people call every week whatever we say; their names are on it.",
        ago=24,
        is_done=True,
    ),
    HandoverPlan(
        "help-desk",
        "keshav",
        "jonas",
        "From Pune the mornings do not work: people call at eight. I keep the tickets that need code.",
        ago=2,
    ),
)

REPORTED: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "maya": {NINE_DAYS: (9, 12, 10, 14), "referrals": (2, 1, 3, 2), "": (24, 22, 26, 21)},
    "noor": {"referrals": (8, 9, 7, 10), NINE_DAYS: (6, 5, 8, 6), "": (16, 17, 15, 15)},
    "samir": {PHONE: (8, 9, 6, 10), "desk-rota": (3, 3, 4, 3), "": (18, 17, 20, 16)},
    "matteo": {INVOICES: (12, 11, 13, 15), "invoices": (15, 17, 16, 19), REFUNDS: (3, 2, 4, 1)},
    "hanne": {MEMORY: (5, 6, 7, 8), "new-nurses": (9, 10, 8, 9), "": (12, 11, 12, 13)},
    "beatriz": {FALLS: (3, 4, 3, 2), "falls-review": (1, 1, 2, 1), "": (32, 30, 31, 33)},
    "keshav": {FORM: (14, 16, 12, 15), "help-desk": (12, 11, 14, 13), "": (12, 14, 13, 11)},
    "rasmus": {RESTORE: (10, 12, 9, 11), "backups": (8, 7, 8, 9), "": (17, 16, 18, 15)},
    "tomas": {CARD: (12, 10, 13, 12), "accounts": (6, 5, 7, 6), "": (18, 20, 16, 17)},
}
"""By person, then goal or responsibility (“” is everything else): the hours of four weeks, the last week last."""
