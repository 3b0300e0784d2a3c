"""Who reads the log. An event is seen with its subject, and by nobody who does not see that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.activity.models import Event
from apps.core.registries import Registry
from apps.workspaces import access as workspaces
from apps.workspaces.models import Member


@dataclass(frozen=True)
class SubjectKind:
    """A kind of thing that events are about.

    `name` is Event.subject_type, `visible` its rule of visibility, `title` the field that names one, `page` the URL
    name of its page (taking its id), `words` what happened, by verb, as it is read after a person's name: “bob closed
    the goal …”. `shared` gives those of a workspace that every member sees, where the rule of visibility asks for a
    member who is there: a chat is told of no others. `references` are its fields that name other things, each with
    their kind: who may not see such a thing is not told that it was named.
    """

    name: str
    label: StrOrPromise
    visible: Callable[[Member], QuerySet[Model]]
    title: str
    words: Mapping[str, StrOrPromise]
    page: str = field(default="")
    shared: Callable[[UUID], QuerySet[Model]] | None = None
    references: Mapping[str, str] = field(default_factory=dict)


SUBJECTS: Registry[SubjectKind] = Registry(
    "SUBJECTS",
    "kinds of things the log speaks of (rule of visibility, title, page, and words for its verbs), so that the audit "
    "log names only what its reader may see; of all others it says only that something happened",
)


@dataclass(frozen=True)
class AddedWords:
    """What else happens to a kind of things: words for verbs that an app above theirs records, as SubjectKind.words."""

    name: str
    subject: str
    words: Mapping[str, StrOrPromise]


ADDED_WORDS: Registry[AddedWords] = Registry(
    "ADDED_WORDS", "words for what apps record about things of lower apps (`subject` is the name of the kind)"
)


def words_of(event: Event) -> StrOrPromise | None:
    """What happened, as it is read after a person's name; None where nobody has words for it."""
    kind = SUBJECTS.get(event.subject_type)
    if kind is None or event.verb in kind.words:
        return kind.words[event.verb] if kind else None
    return next((each.words[event.verb] for each in ADDED_WORDS if _speaks(each, event)), None)


def _speaks(added: AddedWords, event: Event) -> bool:
    return added.subject == event.subject_type and event.verb in added.words


def visible_events(member: Member, *, subject_type: str, subject_id: UUID) -> QuerySet[Event]:
    """The history of one subject, newest first. The caller has checked that the member sees the subject."""
    return Event.objects.filter(
        workspace_id=member.workspace_id, subject_type=subject_type, subject_id=subject_id
    ).select_related("actor")


def can_read_audit(member: Member) -> bool:
    """Owners and admins read that things happened, and of what they see, what."""
    return workspaces.can_change_workspace(member)


SUBJECTS.add(
    SubjectKind(
        name="workspace",
        label=_("Workspace"),
        visible=workspaces.visible_workspaces,
        title="name",
        words={
            "workspace.created": _("created the workspace"),
            "workspace.updated": _("changed the settings of"),
            "workspace.chat_changed": _("changed the chat of"),
            "workspace.value_deleted": _("removed a shared value from"),
        },
    ),
    SubjectKind(
        name="member",
        label=_("People"),
        visible=workspaces.visible_members,
        title="name",
        page="workspaces:member_detail",
        references={"manager": "member"},
        words={
            "member.created": _("added"),
            "member.updated": _("changed the entry of"),
            "member.joined": _("joined as"),
            "member.role_changed": _("changed the role of"),
            "member.manager_changed": _("changed the manager of"),
            "member.deactivated": _("deactivated"),
            "member.reactivated": _("reactivated"),
            "member.mailed_again": _("allowed mail again to"),
            "member.hours_reported": _("reported the hours of a week of"),
            "member.absence_planned": _("planned time off for"),
            "member.absence_changed": _("changed time off for"),
            "member.absence_ended": _("removed time off for"),
        },
    ),
    SubjectKind(
        name="team",
        label=_("Teams"),
        visible=workspaces.visible_teams,
        title="name",
        page="workspaces:team_detail",
        references={"parent": "team"},
        words={
            "team.created": _("created the team"),
            "team.updated": _("changed the team"),
            "team.moved": _("moved the team"),
            "team.archived": _("archived the team"),
            "team.restored": _("restored the team"),
            "team.members_changed": _("changed the people of the team"),
        },
    ),
    SubjectKind(
        name="value",
        label=_("Values"),
        visible=workspaces.visible_values,
        shared=workspaces.shared_values,
        title="name",
        words={
            "value.created": _("wrote the value"),
            "value.updated": _("changed the value"),
            "value.deleted": _("removed the value"),
        },
    ),
    SubjectKind(
        name="invitation",
        label=_("Invitations"),
        visible=workspaces.visible_invitations,
        title="email",
        words={
            "invitation.created": _("invited"),
            "invitation.link_created": _("created an invitation link"),
            "invitation.revoked": _("withdrew the invitation"),
            "invitation.resent": _("resent the invitation of"),
        },
    ),
)
