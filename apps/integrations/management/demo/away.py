"""Who is away, who covers, and who hands over."""

from apps.integrations.management.demo.shapes import Away, HandoverPlan
from apps.integrations.management.demo.tasks_care import MEMORY

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
