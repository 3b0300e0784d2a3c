"""Five cycles ago, when it began: fewer goals, some of them clumsy."""

from apps.demo.services.story.shapes import (
    ACHIEVED,
    DROPPED,
    MISSED,
    OFF,
    ON,
    RISK,
    DemoCheckIn,
    GoalPlan,
    milestone,
    ran,
)

GOALS = (
    GoalPlan(
        "Improve patient satisfaction",
        "maya",
        "intake",
        "The survey says 7.1.",
        (ran("Score in the survey", 7.1, 8, 7.2, "of 10"),),
        labels=("access",),
        outcome=MISSED,
        lesson="Nobody can do “satisfaction” on a Tuesday. The next goal has to be something one can do.",
        said={
            2: DemoCheckIn("What do we do on Monday, exactly?", ON),
            6: DemoCheckIn("The score comes twice a year. We check in on a number that does not move.", RISK),
            11: DemoCheckIn("7.2. I do not know why, and would not know it either if it were 7.9.", OFF),
        },
    ),
    GoalPlan(
        "Waiting room people can bear",
        "lotte",
        "intake",
        "Forty chairs facing a wall.",
        (ran("Complaints", 12, 3, 2, "a month"),),
        labels=("places",),
        outcome=ACHIEVED,
        lesson="Turn the chairs to the window and say how long it takes. The television can go.",
        said={
            1: DemoCheckIn("Chairs turned.", ON),
            4: DemoCheckIn("The television is off. One complaint, nine compliments."),
            8: DemoCheckIn("A sheet at the door says how long it takes today. Patients ask us less.", ON),
        },
    ),
    GoalPlan(
        "Hands are disinfected before every patient",
        "agnes",
        "nursing",
        "We all know it, and in an observed hour we did it in two of three cases.",
        (ran("In an observed hour", 66, 95, 94, "%"),),
        labels=("safety",),
        outcome=ACHIEVED,
        lesson="The dispenser hung behind the door. We moved it, and only then talked about discipline.",
        said={
            2: DemoCheckIn("Observed quietly, without names.", ON),
            5: DemoCheckIn("Dispensers moved to where the hand is.", ON),
            10: DemoCheckIn("94. I round that up with a clear conscience.", ON),
        },
    ),
    GoalPlan(
        "Fewer phone calls during the ward round",
        "ines",
        "medicine",
        "Eighteen interruptions in one round. I counted, because I was the one holding the phone.",
        (ran("Interruptions", 18, 5, 6, "a round"),),
        labels=("safety",),
        outcome=ACHIEVED,
        lesson="One person holds all the phones for an hour. It needed no money and no meeting.",
        said={
            2: DemoCheckIn("I hold the phones. I miss the round.", RISK),
            5: DemoCheckIn("We take turns, an hour each.", ON),
            11: DemoCheckIn("Six.", ON),
        },
    ),
    GoalPlan(
        "A new intranet",
        "theo",
        "digital",
        "The old one is from 2009.",
        (milestone("Chosen", 6), milestone("In use")),
        labels=("digital",),
        outcome=DROPPED,
        lesson="We bought an answer before anyone had a question. What people wanted was the canteen menu and the"
        " duty list.",
        said={
            2: DemoCheckIn("Four products on the list.", ON),
            6: DemoCheckIn("Chosen. Two departments already say they will not use it.", RISK),
            8: DemoCheckIn(
                "Asked fifty people what they look for: the menu, the list, a phone number. We stop here.", OFF
            ),
        },
    ),
    GoalPlan(
        "Spend ten percent less on supplies",
        "priya",
        "finance",
        "Three houses buy the same glove at three prices.",
        (ran("Spent a month", 212, 191, 187, "thousand euros"),),
        labels=("money",),
        outcome=ACHIEVED,
        lesson="One price list, and the wards still choose. When we chose for them, cupboards filled up with"
        " secret stock.",
        said={
            1: DemoCheckIn("The same glove at three prices. The same *box*, I mean.", ON),
            4: DemoCheckIn("One list. Two wards hide gloves from us.", RISK),
            7: DemoCheckIn("They choose again, from the list. 193.", ON),
            12: DemoCheckIn("187.", ON),
        },
    ),
    GoalPlan(
        "Fill the open posts in nursing",
        "carla",
        "people",
        "Fourteen posts are open.",
        (ran("Open posts", 14, 4, 11, "posts"),),
        labels=("staff",),
        outcome=MISSED,
        lesson="We hired nine and lost six. Hiring is the smaller half.",
        said={
            3: DemoCheckIn("Three hired.", ON),
            6: DemoCheckIn("Six hired, four gone.", RISK),
            12: DemoCheckIn("Eleven open. We are filling a bath without a plug.", OFF),
        },
    ),
)
