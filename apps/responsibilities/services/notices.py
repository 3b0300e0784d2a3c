"""Telling people what is offered to them, how their offers were answered, and what is to be looked at again.

What the notices say stands in news.py.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from apps.notifications.services import News, notify, notify_many, settle
from apps.responsibilities.models import Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.workspaces.models import Member, TeamMembership

OFFERED, ANSWERED, REVIEW_DUE = "assignment_offered", "assignment_answered", "responsibility_review_due"


def tell_offered(assignment: Assignment, *, by: Member, at: datetime) -> None:
    """Tell who is to answer an offer: the person; for a team its leads."""
    if assignment.status != AssignmentStatus.OFFERED:
        return
    dedupe_key = f"{assignment.pk}:{at.isoformat()}"
    people, subject = _asked(assignment), assignment.pk
    notify(
        OFFERED, recipients=people, subject_id=subject, about_id=about(assignment), dedupe_key=dedupe_key, by=by, at=at
    )


def tell_answered(assignment: Assignment, *, by: Member, at: datetime) -> None:
    """Tell who offered it what the answer was."""
    settle([ANSWERED], [assignment.pk], at=at)
    if assignment.offered_by is None:
        return
    dedupe_key = f"{assignment.pk}:{assignment.status}:{at.isoformat()}"
    people = [assignment.offered_by]
    data = {"status": assignment.status}
    notify(
        ANSWERED,
        recipients=people,
        subject_id=assignment.pk,
        about_id=about(assignment),
        dedupe_key=dedupe_key,
        by=by,
        at=at,
        data=data,
    )


def settle_offers(assignment_ids: Collection[UUID], *, at: datetime) -> None:
    """They are answered or gone: nobody is asked any more."""
    settle([OFFERED], assignment_ids, at=at)


def settle_review(responsibility: Responsibility, *, at: datetime) -> None:
    """It has another day to be looked at."""
    settle([REVIEW_DUE], [responsibility.pk], at=at)


def settle_archived(responsibility: Responsibility, *, at: datetime) -> None:
    """Nothing of an archived responsibility waits for anybody."""
    settle_review(responsibility, at=at)
    settle_offers(list(responsibility.assignments.values_list("pk", flat=True)), at=at)


def tell_of_reviews_due(today: date, *, at: datetime, limit: int = 2_000) -> int:
    """Tell the accountable people, else the team's leads, of responsibilities that are to be looked at again since
    today or before; how many were told of one for the first time.

    `today` is the day by UTC; a day more or less for those far off is near enough for a date.
    """
    rows = Responsibility.objects.open().filter(review_on__lte=today).order_by("-review_on", "pk")
    due = list(rows.select_related("team")[:limit])
    accountable = _accountable(due)
    leads = _leads(each.team_id for each in due if each.team_id and each.pk not in accountable)
    news = [
        News(person, each.pk, each.pk, f"{each.pk}:{each.review_on}", data={"review_on": each.review_on})
        for each in due
        for person in accountable.get(each.pk) or leads[each.team_id]
    ]
    return notify_many(REVIEW_DUE, news, at=at)


def about(assignment: Assignment) -> UUID:
    """The id of the page it belongs to."""
    pk: UUID = assignment.goal_id or assignment.responsibility_id  # type: ignore[assignment]  # one of them is there
    return pk


def _asked(assignment: Assignment) -> list[Member]:
    if assignment.member is not None:
        return [assignment.member]
    if assignment.team is None:
        return []
    return list(Member.objects.filter(memberships__team=assignment.team, memberships__is_lead=True))


def _accountable(due: Iterable[Responsibility]) -> dict[object, list[Member]]:
    rows = Assignment.objects.filter(
        responsibility__in=[each.pk for each in due],
        role=AssignmentRole.ACCOUNTABLE,
        status=AssignmentStatus.ACCEPTED,
        member__deactivated_at=None,
    ).exclude(member=None)
    found: dict[object, list[Member]] = defaultdict(list)
    for row in rows.select_related("member").order_by("pk"):
        if row.member is not None and row.member not in found[row.responsibility_id]:
            found[row.responsibility_id].append(row.member)
    return found


def _leads(team_ids: Iterable[UUID]) -> dict[UUID | None, list[Member]]:
    rows = TeamMembership.objects.filter(team_id__in=set(team_ids), is_lead=True).select_related("member")
    found: dict[UUID | None, list[Member]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[row.team_id].append(row.member)
    return found
