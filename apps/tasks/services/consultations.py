"""Hearing those who are consulted before a goal or a task is closed.

A round begins with the first question and ends when the thing is closed; the next closing begins another. Each
consulted person is asked once a round. Nothing waits for them once they answered, or the day they were to answer by
has passed, or somebody says why it goes on without them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.activity import services as activity
from apps.goals.models import Goal
from apps.goals.services.locks import lock as lock_goal
from apps.tasks import access
from apps.tasks.models import Consultation, Task
from apps.tasks.models.consultation import ConsultationQuerySet
from apps.tasks.services.consultation_notices import tell_answered, tell_asked, tell_ended
from apps.workspaces.models import Member, Workspace

QUESTION_MAX, ANSWER_MAX = 2_000, 10_000
ANSWER_WITHIN = timedelta(days=60)
NAMED = 3


@dataclass(frozen=True)
class Heard:
    """One consulted person, and what they were asked in this round; None where nobody asked them yet."""

    member: Member
    consultation: Consultation | None
    waits: bool

    @property
    def is_answered(self) -> bool:
        """Whether they said something."""
        return self.consultation is not None and self.consultation.answered_at is not None


def hearing(thing: Goal | Task, *, by: Member, at: datetime) -> list[Heard]:
    """Who is consulted on a goal or task that somebody means to close, but they themselves; and who waits to be heard.

    Whoever was asked in this round stays on the list, also where they are consulted no more, but nobody waits for them.
    """
    today = by.today(at)
    asked = {row.member_id: row for row in _round(thing).select_related("member")}
    found = []
    for member in access.consulted_on(thing).exclude(pk=by.pk):
        row = asked.pop(member.pk, None)
        waits = row is None or (row.answered_at is None and row.answer_by_on >= today)
        found.append(Heard(member, row, waits))
    return found + [Heard(row.member, row, False) for row in asked.values()]


def reason_to_wait(thing: Goal | Task, *, by: Member, at: datetime) -> str:
    """Why the thing is not to be closed yet, as a sentence that names the consulted people; "" where nothing is."""
    waiting = [each for each in hearing(thing, by=by, at=at) if each.waits]
    unasked = [each.member for each in waiting if each.consultation is None]
    sentences = []
    if unasked:
        sentences.append(_("%(names)s should be asked first.") % {"names": names_of(unasked)})
    if asked := [each for each in waiting if each.consultation is not None]:
        last = max(each.consultation.answer_by_on for each in asked if each.consultation)
        words = ngettext(
            "%(names)s has not answered yet and has time until %(day)s.",
            "%(names)s have not answered yet and have time until %(day)s.",
            len(asked),
        )
        sentences.append(words % {"names": names_of([each.member for each in asked]), "day": _day(last)})
    if sentences:
        sentences.append(_("Wait for them, or say why you are going ahead without them."))
    return " ".join(sentences)


def names_of(people: Iterable[Member]) -> str:
    """The first few names, and how many more."""
    names = [person.name for person in people]
    shown = ", ".join(names[:NAMED])
    more = len(names) - NAMED
    return _("%(names)s and %(more)s more") % {"names": shown, "more": more} if more > 0 else shown


def _day(day: date) -> str:
    return date_format(day, pgettext("date format", "l j F"))


def default_answer_by(workspace: Workspace, today: date) -> date:
    """The day by which the asked are to answer: so many working days of the workspace from today as it grants them."""
    day, left = today, workspace.consult_days
    while left > 0:
        day += timedelta(days=1)
        left -= day.isoweekday() in workspace.working_days
    return day


@transaction.atomic
def ask_consulted(
    thing: Goal | Task, *, question: str, answer_by_on: date | None = None, by: Member, at: datetime
) -> list[Consultation]:
    """Ask everybody who is consulted and was not asked in this round; gives back the new consultations.

    Without `answer_by_on` they have the workspace's days. Raises PermissionDenied, ValidationError by field.
    """
    thing = _locked(thing)
    access.can_consult.demand(by, thing)
    if thing.is_closed:
        raise ValidationError(_("It is closed already, so there is nothing to ask."))
    day = answer_by_on or default_answer_by(thing.workspace, by.today(at))
    _check_question(question, day, today=by.today(at))
    people = [each.member for each in hearing(thing, by=by, at=at) if each.consultation is None]
    if not people:
        raise ValidationError(_("Everybody who is consulted was asked already."))
    rows = [
        Consultation(
            workspace_id=thing.workspace_id,
            goal=thing if isinstance(thing, Goal) else None,
            task=thing if isinstance(thing, Task) else None,
            member=person,
            asked_by=by,
            asked_at=at,
            answer_by_on=day,
            question=question.strip(),
            created_at=at,
        )
        for person in people
    ]
    Consultation.objects.bulk_create(rows)
    data = {"people": people, "question": question.strip(), "answer_by_on": day}
    activity.record(_verb(thing, "consulted"), thing, by=by, at=at, workspace_id=thing.workspace_id, data=data)
    tell_asked(rows, at=at)
    return rows


@transaction.atomic
def answer_consultation(consultation: Consultation, *, answer: str, by: Member, at: datetime) -> Consultation:
    """Answer what one is asked, once. Raises PermissionDenied, ValidationError by field."""
    rows = Consultation.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("goal", "task", "member", "asked_by").filter(pk=consultation.pk).first()
    if found is None:
        raise ValidationError(_("What you are asked about was deleted a moment ago."))
    row: Consultation = found
    access.can_answer_consultation.demand(by, row)
    if row.answered_at is not None:
        raise ValidationError(_("You answered this already."))
    if row.ended_at is not None:
        raise ValidationError(_("This has been closed in the meantime, so nobody is waiting for the answer any more."))
    if not answer.strip():
        raise ValidationError({"answer": _("Say in a sentence what you think.")})
    if len(answer) > ANSWER_MAX:
        raise ValidationError({"answer": _("At most %(most)s characters.") % {"most": ANSWER_MAX}})
    row.answer, row.answered_at = answer.strip(), at
    row.save()
    thing = row.thing
    data = {"consultation": row}
    activity.record(
        _verb(thing, "consultation_answered"), thing, by=by, at=at, workspace_id=row.workspace_id, data=data
    )
    tell_answered(row, at=at)
    return row


def end_round(thing: Goal | Task, *, at: datetime) -> None:
    """The thing was closed: what was asked before it does not count for another closing, and is asked no more."""
    rows = _round(thing)
    tell_ended(list(rows.values_list("pk", flat=True)), at=at)
    rows.update(ended_at=at, updated_at=at)


def _round(thing: Goal | Task) -> ConsultationQuerySet:
    rows: ConsultationQuerySet = Consultation.objects.filter(ended_at=None).order_by("asked_at", "pk")
    return rows.filter(goal_id=thing.pk) if isinstance(thing, Goal) else rows.filter(task_id=thing.pk)


def _locked(thing: Goal | Task) -> Goal | Task:
    if isinstance(thing, Goal):
        return lock_goal(thing)
    rows = Task.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("goal__team", "responsibility__team", "assignee", "workspace")
    task: Task | None = rows.filter(pk=thing.pk).first()
    if task is None:
        raise ValidationError(_("This task was deleted a moment ago."))
    return task


def _check_question(question: str, day: date, *, today: date) -> None:
    if not question.strip():
        raise ValidationError({"question": _("Say what you want to know of them.")})
    if len(question) > QUESTION_MAX:
        raise ValidationError({"question": _("At most %(most)s characters.") % {"most": QUESTION_MAX}})
    if not today <= day <= today + ANSWER_WITHIN:
        raise ValidationError({"answer_by_on": _("Choose a day within the next 60 days.")})


def _verb(thing: Goal | Task, what: str) -> str:
    return f"goal.{what}" if isinstance(thing, Goal) else f"task.{what}"
