"""The words that generated rows are made of."""

LANGUAGES = ("en", "de")
ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Kolkata", "America/Los_Angeles", "Asia/Tokyo")
FIRST = (
    "Ada",
    "Ben",
    "Chidi",
    "Dana",
    "Emre",
    "Fatou",
    "Goran",
    "Hana",
    "Ines",
    "Jun",
    "Kofi",
    "Lea",
    "Mira",
    "Noor",
    "Otto",
)
LAST = (
    "Abara",
    "Berg",
    "Costa",
    "Diallo",
    "Eriksen",
    "Fischer",
    "Gupta",
    "Haddad",
    "Ito",
    "Jansen",
    "Kovac",
    "Lopez",
    "Meyer",
)
CRAFTS = (
    "Design",
    "Billing",
    "Search",
    "Support",
    "Data",
    "Platform",
    "Mobile",
    "Sales",
    "People",
    "Security",
    "Supply",
)
VERBS = (
    "Halve",
    "Raise",
    "Open",
    "Simplify",
    "Rebuild",
    "Publish",
    "Automate",
    "Shorten",
    "Double",
    "Settle",
    "Win back",
)
THINGS = (
    "the waiting time",
    "the share of repeat orders",
    "the onboarding",
    "the weekly report",
    "the price list",
    "the number of open faults",
    "the hand-over",
    "the search results",
    "the supplier contracts",
    "the cost of a delivery",
)
PLACES = (
    "in the north",
    "for new customers",
    "at the second warehouse",
    "on the phone",
    "for small teams",
    "before winter",
    "across all shops",
    "in the app",
    "for partners",
    "at night",
)
SENTENCES = (
    "Calls are answered sooner since the second desk opened.",
    "The trial with **three shops** went well, the fourth starts on Monday.",
    "We lost a week to the move of the warehouse and will not catch up before the end of the month.",
    r"- the list is agreed\n- the letter is with the lawyers\n- two people are still missing",
    "Nothing new, the numbers hold.",
    "The supplier delivers late again; we look for a second one and have spoken with two.",
    "Half of the people have tried it and most of them stay with it.",
    "We found out that the figure counted returns twice, so the last reading was too high.",
)
REASON = "Because customers told us in spring that this is what keeps them from coming back."
DESCRIPTION = (
    "We looked at a year of notes and agreed on one thing to change first. The work is split between two "
    "teams, and the one who owns it decides what is left out when time is short. What we learn goes into the plan of "
    "the next cycle."
)
UNITS = ("", "%", "days", "EUR", "calls")
CONFIDENCES = ("on_track", "on_track", "on_track", "at_risk", "off_track")
