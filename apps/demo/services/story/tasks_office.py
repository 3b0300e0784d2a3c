"""What is to be done behind the wards."""

from apps.demo.services.story.shapes import DOING, DONE, DROPPED, TaskPlan

FORM = "Referral form nobody dreads"
ONLINE = "Patients see their waiting time online"
CARD = "One card to sign in, not four passwords"
RESTORE = "We can restore any system within four hours"
INVOICES = "Invoices right the first time"
RATES = "New rates agreed with two insurers"
REFUNDS = "Nobody waits more than 30 days for a refund"
WEEK_ONE = "A first week that new colleagues would recommend"
EXITS = "Every exit talk is heard by somebody who can act"
COVER = "Sickness cover is settled by Friday noon"
BREAKS = "Break rooms people want to sit in"

DIGITAL = (
    TaskPlan("Watch two family doctors fill in the form, and say nothing", FORM, "anneke", 3, 5, 4, 4, DOING),
    TaskPlan("Take out the field for the insurer's number", FORM, "jonas", -13, 4, 3, 2, DONE, 30, 14),
    TaskPlan("Keep what was typed when the line breaks", FORM, "keshav", 6, 5, 4, 12, DOING),
    TaskPlan("Ask Noor which three fields she never reads", FORM, "anneke", -21, 4, 2, 1, DONE, 40, 22),
    TaskPlan("Waiting time of the eye clinic, from the calendar", ONLINE, "keshav", 11, 4, 3, 10),
    TaskPlan("Say what the number means when it is high", ONLINE, "anneke", -4, 4, 4, 2),
    TaskPlan("Cards for the night staff of house C", CARD, "tomas", 4, 4, 4, 5, DOING, helpers=["jonas"]),
    TaskPlan("What happens when a card is left at home", CARD, "tomas", -8, 4, 3, 2, DONE, 26, 9),
    TaskPlan("Readers for the twelve old trolleys", CARD, "rasmus", 24, 3, 2, 6),
    TaskPlan("Restore the letters program on the spare server", RESTORE, "rasmus", 8, 5, 3, 8),
    TaskPlan(
        "Write down the order: what comes back first, and why", RESTORE, "rasmus", -3, 5, 4, 3, DOING, helpers=["tomas"]
    ),
    TaskPlan("Second copy outside the house", RESTORE, "rasmus", -35, 5, 3, 10, DONE, 48, 34),
    TaskPlan("Where are the templates? Draw a map", "letters", "keshav", 2, 4, 4, 3),
    TaskPlan("Ask Clara which sentence insurers look for", "letters", "", 13, 3, 3, 1),
    TaskPlan("Test the restore of last Thursday", "backups", "rasmus", 1, 4, 4, 2, DOING, 8),
    TaskPlan("Close the accounts of those who left in summer", "accounts", "tomas", -16, 5, 5, 2, DONE, 30, 17),
    TaskPlan("Take the help desk's number off the old stickers", "help-desk", "jonas", 19, 2, 1, 3),
    TaskPlan("Which twelve figures? Ask the board which two they use", "figures", "lucia", 9, 4, 3, 3),
    TaskPlan(
        "Buy a new letters program",
        "old-letters",
        "keshav",
        -28,
        3,
        2,
        40,
        DROPPED,
        60,
        29,
        description="Three offers, all above the budget. Esther has them in her folder for next year.",
    ),
)

FINANCE = (
    TaskPlan("The five commonest reasons why an invoice comes back", INVOICES, "matteo", -18, 5, 4, 4, DONE, 38, 19),
    TaskPlan("Sit with Inga and read twenty of them aloud", INVOICES, "matteo", 3, 5, 4, 3, helpers=["inga"]),
    TaskPlan("Stop codes that ended last year", INVOICES, "yusuf", 7, 4, 4, 5, DOING),
    TaskPlan("Figures of the heart clinic for the second insurer", RATES, "esther", 5, 5, 5, 6, DOING),
    TaskPlan("Write down what we may give away, and what never", RATES, "clara", -2, 5, 4, 3),
    TaskPlan("Ask those who moved for their new address, in one letter", REFUNDS, "matteo", 2, 3, 4, 3),
    TaskPlan("Refunds under 50: one signature", REFUNDS, "yusuf", -23, 4, 3, 1, DONE, 41, 24),
    TaskPlan("Invoices of the tenth: those with no date of treatment", "invoices", "matteo", 0, 5, 5, 6, DOING, 7),
    TaskPlan("Call the town about Mrs Bakker's double payment", "refunds", "matteo", -5, 3, 4, 0.5),
    TaskPlan("Costs of the calm rooms, for Wen", "budget", "esther", 12, 2, 2, 2),
)

PEOPLE = (
    TaskPlan("Names for every lunch of the four who start on the first", WEEK_ONE, "nadia", 6, 4, 4, 2, DOING),
    TaskPlan("Ask the two who gave a five", WEEK_ONE, "mirjam", -6, 5, 4, 2, DONE, 22, 7),
    TaskPlan("A bench in front of the people office", WEEK_ONE, "olu", 28, 1, 1, 3),
    TaskPlan("Exit talk with the physiotherapist of house A", EXITS, "mirjam", 4, 4, 4, 2),
    TaskPlan("Tell ward 2 what became of the lockers", EXITS, "mirjam", -1, 3, 3, 0.5),
    TaskPlan("Ask the fourteen who want extra shifts what they want in return", COVER, "dagny", 8, 4, 3, 3),
    TaskPlan("Stand-by for the weeks around the new year", COVER, "dagny", 10, 5, 4, 4, DOING),
    TaskPlan("Paint for the two small rooms", BREAKS, "sven", 9, 2, 3, 6),
    TaskPlan("The permit: call the town again", BREAKS, "olu", -4, 3, 4, 0.5, DOING),
    TaskPlan("Shoes for the eight who start in January", "first-week", "nadia", 20, 3, 2, 1),
    TaskPlan("The door on the second floor that does not shut", "rooms", "sven", -2, 4, 5, 1),
    TaskPlan("Plan the night drill with Jo", "fire-drill", "olu", 15, 4, 3, 3),
)
