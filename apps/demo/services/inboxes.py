"""What the demo's people find in their inboxes and mailbox: reminders of the last morning, and digests of today.

One of them is not reached by mail: his address came back.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.demo.services.accounts import demo_members
from apps.demo.services.story import people
from apps.goals.services import sweep_check_in_reminders
from apps.goals.services.notices import tell_of_goals_due
from apps.notifications.services import make_missing_schedules
from apps.notifications.services.addresses import note_fault
from apps.notifications.services.faults import Fault
from apps.notifications.services.inbox import put_away_news_before
from apps.routines.services import queue_previews

MORNING = 10
"""An hour past that of reminders, in the demo's time zone."""
FRIDAY = 5
UNREACHED = "oscar"
UNKNOWN = "550 5.1.1 <%s>: Recipient address rejected: User unknown in virtual mailbox table"
NEWS_LASTS = timedelta(days=14)


def fill_inboxes(at: datetime) -> None:
    """Remind everybody as of the last working morning, and send those one can sign in as their digest of today."""
    make_missing_schedules(at=at)
    morning = last_morning(at)
    sweep_check_in_reminders(at=morning)
    tell_of_goals_due(morning.date(), at=morning)
    put_away_news_before(at - NEWS_LASTS, at=at)
    lose_an_address(at=morning)
    emails = [people.email_of(person) for person in people.PEOPLE if person.key in {*people.FEATURED, UNREACHED}]
    queue_previews(demo_members([people.SLUG], emails), at=at)


def lose_an_address(*, at: datetime) -> None:
    """Let the address of one person not work since a moment."""
    email = next(people.email_of(person) for person in people.PEOPLE if person.key == UNREACHED)
    for member in demo_members([people.SLUG], [email]):
        if member.user is not None:
            note_fault(member.user, fault=Fault.FOR_GOOD, said=UNKNOWN % email, mailed_at=at, at=at)


def last_morning(at: datetime) -> datetime:
    """The last working day's MORNING that is over."""
    morning = at.astimezone(ZoneInfo(people.ZONE)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    while morning > at or morning.isoweekday() > FRIDAY:
        morning -= timedelta(days=1)
    return morning
