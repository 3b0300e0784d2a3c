"""Three cycles ago."""

from apps.demo.services.story.shapes import (
    ACHIEVED,
    MISSED,
    ON,
    RISK,
    DemoCheckIn,
    GoalPlan,
    milestone,
    ran,
)

GOALS = (
    GoalPlan(
        "One waiting list instead of nine",
        "maya",
        "intake",
        "A patient on three lists is called three times, or not at all.",
        (ran("Lists left", 9, 1, 2, "lists"),),
        labels=("access",),
        outcome=MISSED,
        lesson="Eight clinics moved because we showed them what they would gain. The ninth we tried to convince by"
        " mail.",
        said={
            1: DemoCheckIn(
                "Sat with each clinic for an hour. They all believe theirs is special, and three are right.", ON
            ),
            5: DemoCheckIn("Five lists left.", ON),
            9: DemoCheckIn("Two left. Surgery keeps its own, and I have not found out why.", RISK),
            12: DemoCheckIn(
                "Wen explained it: their list is sorted by theatre, not by date. Ours cannot do that yet.", RISK
            ),
        },
    ),
    GoalPlan(
        "Everyone at the desk knows the five urgent signs",
        "noor",
        "intake",
        "The person who hears it first is not a nurse.",
        (ran("Colleagues trained", 0, 19, 19, "people"),),
        labels=("safety",),
        outcome=ACHIEVED,
        lesson="Stories stay, lists do not. Each sign now has the name of a patient who agreed to be one.",
        said={
            2: DemoCheckIn("First group. Dario asked what to do if he is wrong. Best question of the day.", ON),
            6: DemoCheckIn("Eleven of nineteen."),
            10: DemoCheckIn("All nineteen. Twice this month somebody called me, and twice it was right.", ON),
        },
    ),
    GoalPlan(
        "Bed sores: none that began with us",
        "lea",
        "nursing",
        "They are the one harm that is entirely ours.",
        (ran("New ones", 7, 0, 2, "a month"),),
        labels=("safety",),
        outcome=MISSED,
        lesson="From seven to two is the mattress. From two to none is the night, and the night needs people.",
        said={
            1: DemoCheckIn("New mattresses for the thirty patients most at risk.", ON),
            4: DemoCheckIn("Four this month."),
            8: DemoCheckIn("Two. Both began at night, both on full wards.", RISK),
            12: DemoCheckIn("Two again. I will not call this reached, and I will not call it a failure either.", RISK),
        },
    ),
    GoalPlan(
        "Ward 3 has a clean store room",
        "emeka",
        "ward3",
        "Twelve minutes to find a drip stand.",
        (ran("Time to find the ten things", 12, 2, 1.5, "minutes"),),
        labels=("places",),
        outcome=ACHIEVED,
        lesson="Throw away first, sort afterwards. Half of it was broken.",
        said={
            1: DemoCheckIn("Two containers of broken things.", ON),
            4: DemoCheckIn("Shadows on the wall show where each thing hangs."),
            8: DemoCheckIn("Ninety seconds, timed by the night shift, who do not flatter.", ON),
        },
    ),
    GoalPlan(
        "Family doctors hear from us within two days",
        "oscar",
        "medicine",
        "They send us a person and get back silence.",
        (ran("Answered within two days", 35, 85, 77, "%"),),
        labels=("access",),
        outcome=MISSED,
        lesson="A short answer today beats a complete one next week, but seven of our doctors do not believe it yet.",
        said={
            2: DemoCheckIn("Asked thirty practices what they need: three lines and a number to call.", ON),
            6: DemoCheckIn("The three-line answer works wherever it is tried.", ON),
            10: DemoCheckIn("Stuck at 75. The same seven names.", RISK),
        },
    ),
    GoalPlan(
        "Mail that looks like ours but is not: nobody clicks",
        "tomas",
        "digital",
        "One click locked a laboratory for two days, in another town, last year.",
        (ran("Colleagues who clicked in the test", 24, 5, 6, "%"), milestone("A button to report it", 3)),
        labels=("digital", "safety"),
        outcome=ACHIEVED,
        lesson="Thanking people for reporting did more than telling them off for clicking. We were told off"
        " ourselves for the first test.",
        said={
            1: DemoCheckIn(
                "First test. 24 percent, and an angry head of department. Rightly: we had not told anybody.", RISK
            ),
            3: DemoCheckIn("The button is there. Forty reports on the first day.", ON),
            7: DemoCheckIn("11 percent."),
            12: DemoCheckIn("6. People show each other the funny ones.", ON),
        },
    ),
    GoalPlan(
        "Energy bill down by a tenth",
        "olu",
        "people",
        "We heat a corridor with the window open.",
        (ran("Used a month", 410, 369, 371, "MWh"),),
        labels=("places", "money"),
        outcome=ACHIEVED,
        lesson="Most of it was timers set for a holiday four years ago.",
        said={
            1: DemoCheckIn("Walked through all houses at night with Sven. Everything is on.", ON),
            5: DemoCheckIn("Timers set. Nobody noticed, which is the point."),
            9: DemoCheckIn("Theatre air has its own rules. We leave it alone.", ON),
            12: DemoCheckIn("371. I take it.", ON),
        },
    ),
    GoalPlan(
        "Each colleague has had one learning day",
        "nadia",
        "people",
        "The budget is there every year, and every year a third of it is left.",
        (ran("Colleagues who had theirs", 12, 100, 83, "%"),),
        labels=("staff",),
        outcome=MISSED,
        lesson="Days that are in the rota happen. Days that people must ask for do not.",
        said={
            2: DemoCheckIn("A list of forty courses. Nobody reads it.", ON),
            5: DemoCheckIn("Dagny put the days into the rota of ward 1. All of them went.", ON),
            9: DemoCheckIn("Nights are at 30 percent, because courses are in the daytime.", RISK),
            12: DemoCheckIn("83. I know which 17, and why.", RISK),
        },
    ),
)
