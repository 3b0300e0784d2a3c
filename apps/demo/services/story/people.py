"""Harbour Clinics: who works there, in which team, and what they hold dear. And the rowing club Maya helps to run."""

from apps.demo.services.story.shapes import Person, TeamPlan

PASSWORD = "harbour-demo-only"  # noqa: S105 - of people who do not exist, in a demo
DOMAIN = "harbour.example"

NAME = "Harbour Clinics"
SLUG = "harbour-clinics"
ZONE = "Europe/Amsterdam"

PEOPLE = (
    Person("ana", "Ana Sousa", "Director", role="owner", hours=40),
    Person("carla", "Carla Mendes", "Head of people", "ana", role="admin"),
    Person("maya", "Maya Ortiz", "Head of intake", "ana", hours=38),
    Person("lea", "Lea Brandt", "Head of nursing", "ana", hours=33),
    Person("henrik", "Henrik Aalto", "Medical director", "ana", hours=40),
    Person("theo", "Theo Lindqvist", "Head of digital", "ana", hours=38),
    Person("priya", "Priya Raman", "Head of finance", "ana"),
    Person("samir", "Samir Haddad", "Lead of the phone desk", "maya", hours=30),
    Person("noor", "Noor Aziz", "Intake nurse", "maya", hours=32),
    Person("ifeoma", "Ifeoma Okafor", "Patient coordinator", "maya"),
    Person("lotte", "Lotte Vermeer", "Patient coordinator", "maya", hours=24),
    Person("dario", "Dario Conti", "Phone desk", "samir", hours=28),
    Person("kirsten", "Kirsten Dahl", "Phone desk", "samir", hours=20),
    Person("jo", "Jo Nakamura", "Lead of ward 3", "lea", hours=38),
    Person("agnes", "Agnes Kowalczyk", "Senior nurse", "lea"),
    Person("hanne", "Hanne Solberg", "Nurse educator", "lea", hours=28),
    Person("ruta", "Ruta Kalnina", "Nurse", "agnes", hours=32),
    Person("beatriz", "Beatriz Lima", "Nurse, ward 3", "jo"),
    Person("emeka", "Emeka Obi", "Nurse, ward 3", "jo"),
    Person("fien", "Fien de Wit", "Night nurse, ward 3", "jo", hours=28),
    Person("pavel", "Pavel Novak", "Night nurse, ward 3", "jo", hours=32),
    Person("salma", "Salma Idris", "Internist", "henrik"),
    Person("wen", "Wen Li", "Surgeon", "henrik", hours=40),
    Person("oscar", "Oscar Lund", "Liaison to family doctors", "henrik", hours=20),
    Person("tamar", "Tamar Levi", "Paediatrician", "henrik", hours=32),
    Person("ines", "Ines Duarte", "Resident", "salma", hours=40),
    Person("tomas", "Tomas Vrba", "Systems administrator", "theo", role="admin"),
    Person("anneke", "Anneke Bos", "Designer", "theo", hours=32),
    Person("rasmus", "Rasmus Holt", "Infrastructure", "theo", zone="Europe/Copenhagen"),
    Person("keshav", "Keshav Rao", "Developer", "theo", hours=40, zone="Asia/Kolkata"),
    Person("lucia", "Lucia Ferri", "Data analyst", "theo", hours=32, zone="Europe/Lisbon"),
    Person("jonas", "Jonas Weber", "Developer", "theo", zone="Europe/Berlin", language="de"),
    Person("clara", "Clara Nilsson", "Contracts", "priya"),
    Person("yusuf", "Yusuf Demir", "Billing", "priya"),
    Person("matteo", "Matteo Greco", "Billing", "yusuf", hours=28),
    Person("esther", "Esther Cohen", "Controller", "priya", hours=32),
    Person("mirjam", "Mirjam Kask", "Staff partner", "carla", hours=32),
    Person("dagny", "Dagny Eriksen", "Duty planning", "carla"),
    Person("nadia", "Nadia Haddou", "Learning", "carla", hours=28),
    Person("olu", "Olu Adeyemi", "Buildings", "carla"),
    Person("sven", "Sven Berg", "Kitchen and rooms", "olu", hours=30),
    Person("inga", "Inga Holm", "Liaison of the insurers", role="guest", hours=8, zone="Europe/Copenhagen"),
    Person("marek", "Marek Dolan", "Patient coordinator", "maya", left=118),
)

TEAMS = (
    TeamPlan(
        "board",
        "Board",
        "Few goals for the whole house, and the time to ask how they go.",
        "ana",
        ("maya", "lea", "henrik", "theo", "priya", "carla"),
    ),
    TeamPlan(
        "intake",
        "Intake",
        "From the first call or letter to the first appointment, without a patient having to ask twice.",
        "maya",
        ("noor", "ifeoma", "lotte", "samir", "marek"),
    ),
    TeamPlan("phone", "Phone desk", "A person answers.", "samir", ("dario", "kirsten"), "intake"),
    TeamPlan(
        "nursing",
        "Nursing",
        "Safe, unhurried care around the clock, planned by the people who give it.",
        "lea",
        ("agnes", "hanne", "ruta", "jo"),
    ),
    TeamPlan("ward3", "Ward 3", "Recovery after surgery.", "jo", ("beatriz", "emeka", "fien", "pavel"), "nursing"),
    TeamPlan(
        "medicine",
        "Medicine",
        "Diagnosis and treatment, and telling people plainly what happens next.",
        "henrik",
        ("salma", "wen", "oscar", "tamar", "ines"),
    ),
    TeamPlan(
        "digital",
        "Digital",
        "Tools that give colleagues time back.",
        "theo",
        ("tomas", "anneke", "rasmus", "keshav", "lucia", "jonas"),
    ),
    TeamPlan(
        "finance",
        "Insurers and finance",
        "Fair rates, right invoices, and money back without a fight.",
        "priya",
        ("clara", "yusuf", "matteo", "esther"),
    ),
    TeamPlan(
        "people",
        "People and places",
        "That colleagues want to come, and want to stay.",
        "carla",
        ("mirjam", "dagny", "nadia", "olu", "sven"),
    ),
)

VALUES = (
    ("People before process", "When a rule and a patient collide, we ask what the rule was for."),
    ("Say it early", "A worry is welcome while it is small. Nobody is blamed for a red goal, only for a silent one."),
    ("Finish what we start", "Three things done are worth more than nine begun."),
    ("Everyone is heard", "The night shift, the new colleague and the cleaner see what the meeting does not."),
)

OWN_VALUES = (
    ("maya", "Calm", "I want people to leave a talk with me calmer than they came."),
    ("theo", "Craft", "Things that still work when I am on holiday."),
    ("jo", "Fairness", "The same rule for the day and for the night."),
)

# Who is shown when the demo starts: one of each kind.
FEATURED = ("maya", "ana", "carla", "lea", "jo", "inga")

CLUB_NAME = "Old Quay Rowing Club"
CLUB_SLUG = "old-quay-rowing"
CLUB_DOMAIN = "oldquay.example"
CLUB_OWNER = Person("piet", "Piet Hoekstra", "Chair", role="owner", hours=4)
CLUB_PEOPLE = (
    Person("maya", "Maya Ortiz", "Secretary", "piet", role="admin", hours=3),
    Person("greta", "Greta Lind", "Boathouse", "piet", hours=6),
    Person("amir", "Amir Saleh", "Youth coach", "piet", hours=5),
)
CLUB_TEAMS = (
    TeamPlan("board", "Board", "Keeps the club afloat.", "piet", ("maya",)),
    TeamPlan("youth", "Youth", "Gets children on the water, and back.", "amir", ("greta",)),
)


def email_of(person: Person, domain: str = DOMAIN) -> str:
    """A person's address. Maya has one account for both of her workspaces."""
    first, _space, last = person.name.lower().partition(" ")
    return f"{first}.{last.replace(' ', '')}@{DOMAIN if person.key == 'maya' else domain}"
