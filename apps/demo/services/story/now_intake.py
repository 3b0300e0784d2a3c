"""The running cycle: the company as a whole, and intake."""

from apps.demo.services.story.shapes import (
    ON,
    RISK,
    DemoCheckIn,
    GoalPlan,
    measured,
    milestone,
    percent,
)

COMPANY = (
    GoalPlan(
        "Nobody waits without knowing how long",
        "ana",
        "board",
        "Waiting is part of medicine. Not knowing is our doing. In the last survey it was the first complaint in"
        " all three houses.",
        key="waiting",
        values=("People before process",),
        labels=("access",),
        importance=5,
        urgency=4,
        every=21,
        ago=6,
        log=(
            DemoCheckIn("Three goals carry this. I will not add a fourth before one of them is done.", ON),
            DemoCheckIn(
                "The wait itself is falling. The letters are what worries me: nobody has taken that goal yet.", RISK
            ),
            DemoCheckIn(
                "Intake and the phone desk are where they should be. The letters goal still has **no owner**. I"
                " will decide by Monday who takes it, or we drop it and say so.",
                RISK,
                ask=("theo", "Is there anyone in Digital who could hold the letters goal, even for six weeks?"),
            ),
        ),
    ),
    GoalPlan(
        "People stay, and want to",
        "ana",
        "board",
        "Eleven colleagues left within their first year. Each of them cost patients a familiar face and the team"
        " four months.",
        key="stay",
        values=("Everyone is heard",),
        labels=("staff",),
        importance=4,
        urgency=3,
        every=21,
        ago=5,
        log=(
            DemoCheckIn("Carla and Lea hold the two halves of this: the first week, and the nights.", ON),
            DemoCheckIn("The first week moves. The nights do not, and that is the half people leave over.", RISK),
            DemoCheckIn("I spent a night on ward 3. What Jo reports is right: the rota is decided without them.", RISK),
        ),
    ),
)

INTAKE = (
    GoalPlan(
        "Patients get a first appointment within 9 days",
        "maya",
        "intake",
        "People who wait longer than two weeks come back sicker. Nine days is what our own staff would accept for"
        " their families.",
        (
            measured("Median wait", 14.1, 9, "days", 14.0, 13.8, 13.1, 12.6, 11.9, 11.4, 11.2, weight=2),
            percent("Referrals complete at first try", 58, 85, 59, 61, 66, 68, 71, 74, 75),
        ),
        key="nine-days",
        parent="waiting",
        contributors={"theo": 6, "samir": 4, "noor": 8},
        supporting=("digital", "nursing"),
        values=("People before process",),
        labels=("access",),
        importance=5,
        urgency=5,
        ago=7,
        log=(
            DemoCheckIn(
                "Baseline taken over all three houses. It is worse than the monthly report said, because that left"
                " out Fridays.",
                ON,
            ),
            DemoCheckIn(
                "Noor now reads referrals at seven instead of nine. Small thing, half a day gained for the morning"
                " post."
            ),
            DemoCheckIn(
                "The first triage slots opened on Tuesday. Patients like them, doctors are not sure yet.", RISK
            ),
            DemoCheckIn(
                "Henrik gave us two more slots a week until the end of the cycle. That is the difference.",
                ON,
            ),
            DemoCheckIn("Below twelve days for the first time since we measure."),
            DemoCheckIn(
                "A quiet week, so I do not trust the number. What is real: three in four referrals now come in"
                " complete.",
                ON,
            ),
            DemoCheckIn(
                "The new triage slots took two days off the median. What holds us now is the form: one in four"
                " comes back with a field missing.",
                ON,
                ask=("theo", "Can the form refuse to be sent without the insurance number?"),
            ),
        ),
    ),
    GoalPlan(
        "Referral form nobody dreads",
        "theo",
        "intake",
        "Family doctors fill it in between two patients. Today it takes them eleven minutes, and they call us anyway.",
        (
            percent("Doctors who finish it without calling us", 31, 80, None, 31, 36, 43, 52, 58, weight=3),
            milestone("Insurance number is checked while typing"),
            milestone("The paper form is withdrawn"),
        ),
        key="form",
        parent="nine-days",
        contributors={"anneke": 12, "oscar": 4, "keshav": 10},
        supporting=("digital",),
        labels=("access", "digital"),
        importance=4,
        urgency=5,
        due_before_end=14,
        ago=3,
        log=(
            DemoCheckIn("Watched five doctors fill it in. Nobody reads the help text. We take it out.", ON),
            DemoCheckIn("First version with half the fields. Oscar tests it with two practices."),
            DemoCheckIn(
                "The practices like it. The insurers' check is not what the contract promised: it answers after"
                " nine seconds.",
                RISK,
            ),
            DemoCheckIn(
                "Still nine seconds. We can cache the answers for a day if Clara agrees with the insurers that we may.",
                RISK,
                blockers="The insurers' check is too slow to run while somebody types.",
                ask=("clara", "May we keep an insurer's answer for 24 hours? It holds a number and a yes."),
                answer="Yes, I have it in writing: 24 hours, no longer, and not in the log.",
            ),
            DemoCheckIn("Cache works in the test house. Accessibility found eleven things, nine are fixed."),
            DemoCheckIn(
                "Slower than I promised. I split it: the check goes live alone next week, withdrawing the paper"
                " form comes last.",
                RISK,
            ),
        ),
    ),
    GoalPlan(
        "Phone desk answers in 90 seconds",
        "samir",
        "phone",
        "A caller who hangs up goes to the emergency room or stays at home. Both are worse.",
        (
            measured("Average time to answer", 210, 90, "seconds", 205, 188, 176, 160, 149, 131, 125),
            percent("Callers who give up", 18, 6, 18, 17, 15, 12, 11, 9, 9),
        ),
        key="phone",
        parent="waiting",
        contributors={"dario": 6, "kirsten": 4},
        values=("People before process",),
        labels=("access",),
        importance=4,
        urgency=3,
        due_before_end=14,
        ago=2,
        log=(
            DemoCheckIn(
                "We listened to forty calls together. A third are people asking whether their letter arrived.", ON
            ),
            DemoCheckIn("Callbacks for the letter question, twice a day. Kirsten runs it."),
            DemoCheckIn("Dario wrote the three sentences that end a call kindly. They work."),
            DemoCheckIn("Mondays are still 290 seconds. The rest of the week hides it.", RISK),
            DemoCheckIn("Lotte helps on Monday mornings for a month. Thank you, Maya."),
            DemoCheckIn("First Monday under three minutes.", ON),
            DemoCheckIn(
                "Steady. What is left is the hour after lunch, and that is about the rota, not about speed.",
                first_written="Steady. What is left is the hour after lunch. We have to be faster there.",
            ),
        ),
    ),
    GoalPlan(
        "No referral lies unread overnight",
        "noor",
        "intake",
        "Twice this year a letter marked urgent waited until the morning because it came at five past five.",
        (measured("Unread at seven in the morning", 23, 0, "letters", 22, 17, 15, 9, 8, 6),),
        parent="nine-days",
        values=("Say it early",),
        labels=("safety",),
        importance=5,
        urgency=3,
        ago=4,
        log=(
            DemoCheckIn("Counted for two weeks. It is never zero, and Thursdays are the worst.", ON),
            DemoCheckIn("The late shift now looks at eight in the evening. It takes six minutes."),
            DemoCheckIn(""),
            DemoCheckIn("Down to single figures. The rest come by fax, from one practice. Oscar talks to them."),
            DemoCheckIn(""),
            DemoCheckIn("Six, all of them routine. No urgent letter has waited for nineteen days.", ON),
        ),
    ),
    GoalPlan(
        "Interpreters are booked with the appointment",
        "ifeoma",
        "intake",
        "Children should not have to translate a diagnosis for their parents.",
        (percent("Appointments with an interpreter where one is needed", 40, 95, 41, 44, 49, 50, 52),),
        contributors={"lotte": 6},
        values=("People before process", "Everyone is heard"),
        labels=("access", "safety"),
        importance=4,
        urgency=4,
        ago=5,
        log=(
            DemoCheckIn(
                "The question is now part of the first call: in which language do you want to speak about your health?",
                ON,
            ),
            DemoCheckIn("Patients answer it gladly. Finding somebody on the day is the hard part.", ON),
            DemoCheckIn("Tigrinya and Dari are booked out for weeks. By telephone it would work tomorrow.", RISK),
            DemoCheckIn(
                "",
                RISK,
                blockers="The contract covers interpreters in the house only. By telephone each call needs a"
                " signature.",
                ask=("priya", "Can we add telephone interpreting to the contract before the year ends?"),
            ),
            DemoCheckIn(
                "No change. I ask for a signature eight times a week, and twice it came too late for the patient.",
                RISK,
            ),
        ),
    ),
)
