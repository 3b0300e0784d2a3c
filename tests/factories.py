"""Rows for tests. Ruled state (closed goals, check-ins) is made through services; see tests/cast.py for the people."""

from datetime import date, timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from apps.accounts.models import User
from apps.activity.models import Event
from apps.capacity.models import HoursReport
from apps.core.models import IdempotentAnswer, new_id
from apps.goals.models import (
    CheckIn,
    CheckInRevision,
    Contributor,
    Cycle,
    Goal,
    GoalSupport,
    GoalValue,
    KeyResult,
    Reading,
    StandIn,
)
from apps.handovers.models import Handover, HandoverTask
from apps.integrations.models import (
    ApiToken,
    Export,
    ExportChunk,
    ImportJob,
    ImportRecord,
    ImportRow,
    Webhook,
    WebhookDelivery,
)
from apps.integrations.services.webhooks import new_secret
from apps.notifications.models import (
    AccountMail,
    ChatChannel,
    Delivery,
    DeliverySchedule,
    FaultyAddress,
    Notice,
    Preference,
    Reach,
)
from apps.responsibilities.models import Assignment, AssignmentRole, Responsibility
from apps.tasks.models import Consultation, Task, TaskHelper, TaskTeam
from apps.workspaces.models import (
    Absence,
    Invitation,
    Member,
    Team,
    TeamMembership,
    Value,
    Workspace,
    hash_token,
    new_token,
)

PASSWORD = "a long enough password"


class UserFactory(DjangoModelFactory[User]):
    """An account with a password."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(password=PASSWORD, **kwargs)


class WorkspaceFactory(DjangoModelFactory[Workspace]):
    """A workspace in Berlin."""

    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Workspace {n}")
    slug = factory.Sequence(lambda n: f"workspace-{n}")
    timezone = "Europe/Berlin"


class MemberFactory(DjangoModelFactory[Member]):
    """A member with an account."""

    class Meta:
        model = Member

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Member {n}")
    user = factory.SubFactory(UserFactory, name=factory.SelfAttribute("..name"))
    email = factory.LazyAttribute(lambda member: member.user.email if member.user else "")


class TeamFactory(DjangoModelFactory[Team]):
    """A team; give `parent` for one beneath another."""

    class Meta:
        model = Team

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Team {n}")
    ancestor_ids = factory.LazyAttribute(
        lambda team: [*team.parent.ancestor_ids, team.parent.pk] if getattr(team, "parent", None) else []
    )


class TeamMembershipFactory(DjangoModelFactory[TeamMembership]):
    """A place in a team."""

    class Meta:
        model = TeamMembership

    team = factory.SubFactory(TeamFactory)
    member = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..team.workspace"))
    workspace = factory.SelfAttribute("team.workspace")


class ValueFactory(DjangoModelFactory[Value]):
    """A value of the workspace."""

    class Meta:
        model = Value

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Value {n}")


class AbsenceFactory(DjangoModelFactory[Absence]):
    """A week away, from today."""

    class Meta:
        model = Absence

    member = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("member.workspace")
    starts_on = factory.LazyFunction(timezone.localdate)
    ends_on = factory.LazyAttribute(lambda absence: absence.starts_on + timedelta(days=6))


class CycleFactory(DjangoModelFactory[Cycle]):
    """A cycle of a quarter."""

    class Meta:
        model = Cycle

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Cycle {n}")


class GoalFactory(DjangoModelFactory[Goal]):
    """An active goal; `workspace` follows from the owner where one is given."""

    class Meta:
        model = Goal

    title = factory.Sequence(lambda n: f"Goal {n}")
    owner = factory.SubFactory(MemberFactory)
    workspace = factory.LazyAttribute(lambda goal: goal.owner.workspace if goal.owner else WorkspaceFactory())
    activated_at = factory.LazyFunction(timezone.now)
    rank = factory.Sequence(lambda n: (n + 1) * 65536)


class KeyResultFactory(DjangoModelFactory[KeyResult]):
    """From 0 to 100."""

    class Meta:
        model = KeyResult

    goal = factory.SubFactory(GoalFactory)
    title = factory.Sequence(lambda n: f"Key result {n}")
    workspace = factory.SelfAttribute("goal.workspace")


class OfGoal(DjangoModelFactory[Any]):
    """What hangs on a goal and stands in its workspace."""

    class Meta:
        abstract = True

    goal = factory.SubFactory(GoalFactory)
    workspace = factory.SelfAttribute("goal.workspace")


class ContributorFactory(OfGoal):
    """Four hours a week."""

    class Meta:
        model = Contributor

    member = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..goal.workspace"))
    hours_per_week = 4


class StandInFactory(OfGoal):
    """Somebody acts in the owner's place."""

    class Meta:
        model = StandIn

    member = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..goal.workspace"))
    absent = factory.SelfAttribute("goal.owner")


class GoalSupportFactory(OfGoal):
    """A supporting team."""

    class Meta:
        model = GoalSupport

    team = factory.SubFactory(TeamFactory, workspace=factory.SelfAttribute("..goal.workspace"))


class GoalValueFactory(OfGoal):
    """A value served."""

    class Meta:
        model = GoalValue

    value = factory.SubFactory(ValueFactory, workspace=factory.SelfAttribute("..goal.workspace"))


class CheckInFactory(OfGoal):
    """A bare row; rules are tested through goals.services.create_check_in."""

    class Meta:
        model = CheckIn

    author = factory.SelfAttribute("goal.owner")
    made_at = factory.LazyFunction(timezone.now)
    note = "Calls are answered sooner since the second desk opened."


class ReadingFactory(DjangoModelFactory[Reading]):
    """A reading of 50."""

    class Meta:
        model = Reading

    check_in = factory.SubFactory(CheckInFactory)
    key_result = factory.SubFactory(KeyResultFactory, goal=factory.SelfAttribute("..check_in.goal"))
    workspace = factory.SelfAttribute("check_in.workspace")
    value = 50


class CheckInRevisionFactory(DjangoModelFactory[CheckInRevision]):
    """An earlier version."""

    class Meta:
        model = CheckInRevision

    check_in = factory.SubFactory(CheckInFactory)
    workspace = factory.SelfAttribute("check_in.workspace")
    edited_by = factory.SelfAttribute("check_in.author")
    edited_at = factory.LazyFunction(timezone.now)
    before = factory.LazyFunction(lambda: {"note": "Before."})


class InvitationFactory(DjangoModelFactory[Invitation]):
    """Open for a week, for one address."""

    class Meta:
        model = Invitation

    workspace = factory.SubFactory(WorkspaceFactory)
    invited_by = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..workspace"))
    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    token_hash = factory.LazyFunction(lambda: hash_token(new_token()))
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class EventFactory(DjangoModelFactory[Event]):
    """Something that happened to a goal."""

    class Meta:
        model = Event

    workspace = factory.SubFactory(WorkspaceFactory)
    verb = "goal.created"
    subject_type = "goal"
    subject_id = factory.LazyFunction(new_id)
    at = factory.LazyFunction(timezone.now)


class DeliveryFactory(DjangoModelFactory[Delivery]):
    """A mail that waits."""

    class Meta:
        model = Delivery

    workspace = factory.SubFactory(WorkspaceFactory)
    address = factory.Sequence(lambda n: f"reader{n}@example.org")
    kind = "check_in_due"
    dedupe_key = factory.Sequence(lambda n: f"dedupe_key-{n}")
    next_try_at = factory.LazyFunction(timezone.now)
    message_id = factory.Sequence(lambda n: f"<{n}@example.org>")


class AccountMailFactory(DjangoModelFactory[AccountMail]):
    """A mail about an account that waits."""

    class Meta:
        model = AccountMail

    user = factory.SubFactory(UserFactory)
    address = factory.SelfAttribute("user.email")
    kind = "account/email/password_reset_key"
    content = '["Set a new password", "Hello,", "<p>Hello,</p>"]'
    next_try_at = factory.LazyFunction(timezone.now)
    message_id = factory.Sequence(lambda n: f"<account{n}@example.org>")


class FaultyAddressFactory(DjangoModelFactory[FaultyAddress]):
    """An account's address that does not work."""

    class Meta:
        model = FaultyAddress

    user = factory.SubFactory(UserFactory)
    address = factory.SelfAttribute("user.email")
    since = factory.LazyFunction(timezone.now)
    said = "5.1.1 no such mailbox"


class ChatChannelFactory(DjangoModelFactory[ChatChannel]):
    """A person's own channel."""

    class Meta:
        model = ChatChannel

    member = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("member.workspace")
    url = "https://chat.example/hooks/secret"
    created_by = factory.SelfAttribute("member")


class NoticeFactory(DjangoModelFactory[Notice]):
    """Something that stands in an inbox."""

    class Meta:
        model = Notice

    recipient = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("recipient.workspace")
    kind = "check_in_due"
    dedupe_key = factory.Sequence(lambda n: f"dedupe_key-{n}")
    subject_id = factory.LazyFunction(new_id)
    about_id = factory.SelfAttribute("subject_id")
    reach = Reach.DIGEST


class PreferenceFactory(DjangoModelFactory[Preference]):
    """No mail at once."""

    class Meta:
        model = Preference

    member = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("member.workspace")
    kind = "check_in_due"
    reach = Reach.DIGEST


class DeliveryScheduleFactory(DjangoModelFactory[DeliverySchedule]):
    """What everybody begins with."""

    class Meta:
        model = DeliverySchedule

    member = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("member.workspace")


class ImportJobFactory(DjangoModelFactory[ImportJob]):
    """An upload that waits to be looked at."""

    class Meta:
        model = ImportJob

    workspace = factory.SubFactory(WorkspaceFactory)
    requested_by = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..workspace"))
    format = ImportJob.Format.NEUTRAL
    file_name = "goals.json"
    content = b"{}"


class ImportRecordFactory(DjangoModelFactory[ImportRecord]):
    """A row of an import's file."""

    class Meta:
        model = ImportRecord

    job = factory.SubFactory(ImportJobFactory)
    position = factory.Sequence(lambda n: n + 1)
    kind = "goals"
    key = label = factory.Sequence(lambda n: f"goal-{n}")


class ImportRowFactory(DjangoModelFactory[ImportRow]):
    """A line of an import's report."""

    class Meta:
        model = ImportRow

    job = factory.SubFactory(ImportJobFactory)
    position = factory.Sequence(lambda n: n + 1)
    kind = "goals"
    key = factory.Sequence(lambda n: f"goal-{n}")
    reason = "bad_date"


class ExportFactory(DjangoModelFactory[Export]):
    """An export that waits for a worker."""

    class Meta:
        model = Export

    requested_by = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("requested_by.workspace")
    role = factory.SelfAttribute("requested_by.role")
    file_name = "harbour-2026-03-04.zip"


class ExportChunkFactory(DjangoModelFactory[ExportChunk]):
    """A piece of an archive."""

    class Meta:
        model = ExportChunk

    export = factory.SubFactory(ExportFactory)
    attempt = factory.SelfAttribute("export.attempts")
    position = factory.Sequence(int)
    content = b"PK"


class IdempotentAnswerFactory(DjangoModelFactory[IdempotentAnswer]):
    """An answer that was given."""

    class Meta:
        model = IdempotentAnswer

    owner_id = factory.LazyFunction(new_id)
    key = factory.Sequence(lambda n: f"key-{n}")
    fingerprint = "0" * 64


class ApiTokenFactory(DjangoModelFactory[ApiToken]):
    """A token nobody knows the secret of; tests that call the API use `api_of`."""

    class Meta:
        model = ApiToken

    member = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("member.workspace")
    name = "Sync"
    token_hash = factory.LazyFunction(lambda: hash_token(new_token()))
    hint = "cpt_abcd"
    scopes = factory.LazyFunction(lambda: ["goals:read"])


class WebhookFactory(DjangoModelFactory[Webhook]):
    """Told when goals are written and checked in on."""

    class Meta:
        model = Webhook

    member = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("member.workspace")
    url = "https://hooks.example.org/counterpoise"
    events = factory.LazyFunction(lambda: ["goal.created", "goal.checked_in"])
    secret = factory.LazyFunction(new_secret)


class WebhookDeliveryFactory(DjangoModelFactory[WebhookDelivery]):
    """A message that waits."""

    class Meta:
        model = WebhookDelivery

    webhook = factory.SubFactory(WebhookFactory)
    workspace = factory.SelfAttribute("webhook.workspace")
    event = factory.SubFactory(EventFactory, workspace=factory.SelfAttribute("..webhook.workspace"))
    type = factory.SelfAttribute("event.verb")
    next_try_at = factory.LazyFunction(timezone.now)


class ResponsibilityFactory(DjangoModelFactory[Responsibility]):
    """A responsibility that nobody holds yet."""

    class Meta:
        model = Responsibility

    workspace = factory.SubFactory(WorkspaceFactory)
    title = factory.Sequence(lambda n: f"Responsibility {n}")


class OfResponsibility(DjangoModelFactory[Any]):
    """What hangs on a responsibility and stands in its workspace; with `goal`, on that goal instead."""

    class Meta:
        abstract = True

    goal = None
    responsibility = factory.Maybe(
        "goal", yes_declaration=None, no_declaration=factory.SubFactory(ResponsibilityFactory)
    )
    workspace = factory.LazyAttribute(lambda row: (row.goal or row.responsibility).workspace)


class AssignmentFactory(OfResponsibility):
    """Offered, to be responsible; with `team`, to a team."""

    class Meta:
        model = Assignment

    team = None
    member = factory.Maybe(
        "team",
        yes_declaration=None,
        no_declaration=factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..workspace")),
    )
    role = AssignmentRole.RESPONSIBLE
    offered_at = factory.LazyFunction(timezone.now)


class TaskFactory(OfResponsibility):
    """An open task of nobody."""

    class Meta:
        model = Task

    title = factory.Sequence(lambda n: f"Task {n}")


class OfTask(DjangoModelFactory[Any]):
    """What hangs on a task."""

    class Meta:
        abstract = True

    task = factory.SubFactory(TaskFactory)
    workspace = factory.SelfAttribute("task.workspace")


class TaskHelperFactory(OfTask):
    """Somebody who is on it too."""

    class Meta:
        model = TaskHelper

    member = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..workspace"))


class TaskTeamFactory(OfTask):
    """A team named for it."""

    class Meta:
        model = TaskTeam

    team = factory.SubFactory(TeamFactory, workspace=factory.SelfAttribute("..workspace"))


class ConsultationFactory(DjangoModelFactory[Consultation]):
    """Asked, with two days to answer."""

    class Meta:
        model = Consultation

    goal = factory.SubFactory(GoalFactory)
    workspace = factory.SelfAttribute("goal.workspace")
    member = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..workspace"))
    asked_by = factory.SelfAttribute("goal.owner")
    asked_at = factory.LazyFunction(timezone.now)
    answer_by_on = factory.LazyAttribute(lambda row: row.asked_at.date() + timedelta(days=2))


class HandoverFactory(OfResponsibility):
    """Proposed by the giver for today."""

    class Meta:
        model = Handover

    from_member = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..workspace"))
    to_member = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..workspace"))
    starts_on = factory.LazyFunction(timezone.localdate)
    proposed_by = factory.SelfAttribute("from_member")
    proposed_at = factory.LazyFunction(timezone.now)


class HandoverTaskFactory(DjangoModelFactory[HandoverTask]):
    """A task that goes along."""

    class Meta:
        model = HandoverTask

    handover = factory.SubFactory(HandoverFactory)
    workspace = factory.SelfAttribute("handover.workspace")
    task = factory.SubFactory(
        TaskFactory,
        workspace=factory.SelfAttribute("..workspace"),
        responsibility=factory.SelfAttribute("..handover.responsibility"),
    )


class HoursReportFactory(DjangoModelFactory[HoursReport]):
    """Four hours of some week for everything else."""

    class Meta:
        model = HoursReport

    member = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("member.workspace")
    week = date(2026, 3, 2)
    hours = 4
