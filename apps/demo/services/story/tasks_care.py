"""What is to be done where patients are."""

from apps.demo.services.story.shapes import DOING, DONE, DROPPED, DemoConsultation, TaskPlan

NINE_DAYS = "Patients get a first appointment within 9 days"
PHONE = "Phone desk answers in 90 seconds"
UNREAD = "No referral lies unread overnight"
PILOT = "Pilot on ward 3: the night team plans its own month"
FALLS = "Fewer falls on ward 3"
MEMORY = "Nobody gives medicine from memory"
ROUNDS = "Every ward round ends with one written plan"
DISCHARGE = "Discharge letters leave with the patient"
OPINIONS = "Second opinions within 5 days"
CALM = "A calm room on each floor for difficult talks"
INTERPRETERS = "Interpreters are booked with the appointment"

INTAKE = (
    TaskPlan("Ask the three slowest clinics what would free a morning", NINE_DAYS, "maya", 2, 5, 4, 3, DOING),
    TaskPlan("Move follow-up visits of dermatology to the afternoon", NINE_DAYS, "ifeoma", 6, 4, 3, 5),
    TaskPlan("Count how many first appointments are cancelled twice", NINE_DAYS, "lotte", -3, 3, 4, 2),
    TaskPlan(
        "Write to patients who wait longer than three weeks", NINE_DAYS, "noor", 1, 5, 5, 4, DOING, helpers=["lotte"]
    ),
    TaskPlan("Try text messages the day before", NINE_DAYS, "ifeoma", -20, 4, 3, 6, DONE, 45, 22),
    TaskPlan(
        "Saturday clinic, every second week",
        NINE_DAYS,
        "maya",
        -8,
        3,
        2,
        12,
        DROPPED,
        50,
        10,
        description="Asked Henrik's team. Four would come, we need nine.",
    ),
    TaskPlan("A sheet for what may be answered without asking back", PHONE, "samir", 4, 4, 3, 4, DOING),
    TaskPlan("Second headset for the Monday desk", PHONE, "kirsten", -1, 2, 4, 0.5),
    TaskPlan("Listen to ten calls in which the caller hung up", PHONE, "dario", 9, 4, 2, 3),
    TaskPlan("New words for the machine: say how long, not how sorry", PHONE, "samir", -26, 4, 4, 2, DONE, 40, 27),
    TaskPlan("Evening round at ten past five, with initials", UNREAD, "noor", -14, 5, 5, 1, DONE, 30, 15),
    TaskPlan("Sort out why faxes of house C come an hour late", UNREAD, "lotte", 5, 3, 4, 3, helpers=["jonas"]),
    TaskPlan("Agree with the night porter on red envelopes", UNREAD, "noor", 12, 3, 2, 1),
    TaskPlan("Call the six interpreters for Tigrinya again", INTERPRETERS, "lotte", 3, 4, 4, 2),
    TaskPlan(
        "Field for the language in the referral form", INTERPRETERS, "ifeoma", -5, 4, 3, 1, DOING, helpers=["anneke"]
    ),
    TaskPlan("Thank-you dinner for the volunteers", INTERPRETERS, "ifeoma", 32, 2, 1, 4),
    TaskPlan("Print the sorting colours for the new colleagues", "referrals", "noor", 7, 2, 2, 1),
    TaskPlan("Holiday cover for the reading mornings in winter", "referrals", "", 18, 4, 2, 2),
    TaskPlan("Clean up double entries in the calendar of house B", "first-appointments", "ifeoma", 10, 3, 3, 6),
    TaskPlan("Answer Mr Willems about the lost X-ray", "complaints", "ifeoma", 0, 4, 5, 1.5, DOING, 4),
    TaskPlan("Read last year's complaints side by side", "complaints", "carla", 26, 4, 1, 6),
    TaskPlan("Who asks back when a promised call was missed?", "callbacks", "dario", -2, 3, 4, 1),
    TaskPlan("Rota for the first two weeks of the new year", "desk-rota", "samir", 14, 4, 3, 3),
    TaskPlan("A leaflet for the new number on every ward", "desk-rota", "samir", 9, 3, 3, 2, DOING),
)

NURSING = (
    TaskPlan(
        "Plan the coming month with all five of the night team",
        PILOT,
        "jo",
        3,
        5,
        5,
        4,
        DOING,
        helpers=["fien", "pavel"],
    ),
    TaskPlan("Ask the works council about swaps without a form", PILOT, "jo", 8, 4, 3, 2),
    TaskPlan("Write down what went wrong in the first two weeks", PILOT, "pavel", -6, 3, 3, 1.5),
    TaskPlan("Show the rota on the screen in the coffee room", PILOT, "emeka", 15, 2, 2, 2),
    TaskPlan("Night lights along the way to the bathroom", FALLS, "emeka", -24, 5, 4, 3, DONE, 44, 25),
    TaskPlan("Socks with grip: order for sixty beds", FALLS, "beatriz", -11, 4, 4, 1, DONE, 30, 12),
    TaskPlan("Walk the ward at five in the morning with Olu", FALLS, "beatriz", 4, 4, 3, 2, helpers=["olu"]),
    TaskPlan("Lower beds: which rooms first?", FALLS, "emeka", 11, 3, 2, 2),
    TaskPlan("Second signature on the tablet, not on paper", MEMORY, "hanne", 5, 5, 4, 6, DOING, helpers=["keshav"]),
    TaskPlan("Quiet zone around the medicine trolley", MEMORY, "ruta", -4, 4, 4, 2, DOING),
    TaskPlan(
        "Talk about last year's four mistakes, by name of the medicine", MEMORY, "agnes", -17, 5, 3, 3, DONE, 33, 18
    ),
    TaskPlan("One form for the round, for all wards", ROUNDS, "lea", 6, 5, 4, 5, DOING),
    TaskPlan("Ask the late shift which plan they look at first", ROUNDS, "agnes", -9, 4, 3, 2, DONE, 28, 8),
    TaskPlan("Rounds on ward 1: join three and watch", ROUNDS, "hanne", 13, 3, 3, 6),
    TaskPlan("Ask the night team about the Christmas weeks", "night-rota", "fien", 9, 4, 4, 2),
    TaskPlan("Count the cabinet of ward 2 again, with Ruta", "medicine-cabinet", "agnes", -1, 5, 5, 1),
    TaskPlan("New lock for the cabinet in the night room", "medicine-cabinet", "ruta", 16, 3, 2, 1),
    TaskPlan("A named colleague for each of the four who start on the first", "new-nurses", "hanne", 8, 5, 4, 2, DOING),
    TaskPlan("What we tell visitors on a Sunday: a draft", "visitors", "ruta", -15, 3, 2, 1.5),
    TaskPlan("Handover at the bed: a card with five questions", "ward-handover", "jo", -19, 4, 3, 2, DONE, 36, 20),
    TaskPlan("Look at the four falls of last month together", "falls-review", "beatriz", 2, 4, 4, 1.5),
)

MEDICINE = (
    TaskPlan(
        "Words that patients understand, for the twenty commonest diagnoses",
        DISCHARGE,
        "ines",
        7,
        5,
        3,
        10,
        DOING,
        helpers=["tamar"],
    ),
    TaskPlan(
        "Measure when the letter is dictated, not when it is sent", DISCHARGE, "lucia", -30, 4, 3, 4, DONE, 48, 31
    ),
    TaskPlan("Ask six family doctors what they skip", DISCHARGE, "oscar", -7, 4, 4, 3, DOING),
    TaskPlan("Template for surgery: half a page at most", DISCHARGE, "wen", 17, 3, 2, 3),
    TaskPlan("Agree with the university on who answers whom", OPINIONS, "salma", -2, 4, 4, 2),
    TaskPlan("A list of who may be asked about what", OPINIONS, "tamar", 12, 3, 2, 3),
    TaskPlan("Find the third room: the old archive, if Olu agrees", CALM, "wen", 10, 3, 2, 2, helpers=["olu"]),
    TaskPlan("Two chairs of the same height", CALM, "sven", -12, 2, 2, 1, DONE, 34, 13),
    TaskPlan("Visit the practices on the other side of the river", "family-doctors", "oscar", 21, 4, 2, 8),
    TaskPlan(
        "A leaflet with the one number",
        "family-doctors",
        "oscar",
        -10,
        3,
        3,
        3,
        DONE,
        29,
        11,
        alone="Maya wrote half of it.",
    ),
    TaskPlan("On-call list until the end of March", "on-call", "salma", 5, 5, 4, 3),
    TaskPlan("Talk with Ines about her first night alone", "residents", "tamar", -1, 4, 3, 1, DOING, 6),
)

QUESTIONS = (
    DemoConsultation(
        "A leaflet for the new number on every ward",
        "One number on the leaflet, or the wards' own beside it?",
        ago=6,
        answers={"dario": "One. With three numbers people call the one that is busy.", "kirsten": "One, and large."},
    ),
    DemoConsultation(
        "Which twelve figures? Ask the board which two they use",
        "May I drop the figure on bed days? Nobody on the board looked at it since spring.",
        ago=1,
    ),
)
