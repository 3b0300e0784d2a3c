"""Filtering, writing and changing tasks: shape only. What one may name is what access lets one see."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.choosing import ChooseOne, Chooser, ChooseSeveral
from apps.core.forms import IMPORTANCE, LEFT_OUT, LabelsField, date_field, scale
from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.core.urls import reverse_in
from apps.core.write_conflicts import EditForm
from apps.goals.access import visible_goals
from apps.goals.models import OPEN_STATUSES
from apps.responsibilities.access import visible_responsibilities
from apps.tasks.models import Task, TaskStatus
from apps.tasks.queries import SORTS, TaskChoices, TaskFilters
from apps.tasks.services import TaskFields
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member

ME, NONE = "me", "none"
VIEWS = (("list", _("List")), ("board", _("Board")), ("map", _("Priority map")))
STATUSES = (
    ("todo", _("To do")),
    *TaskStatus.choices,
    ("closed", _("Done or dropped")),
    ("any", _("All of them")),
)
DUE = (
    ("", _("any day")),
    ("overdue", _("overdue")),
    ("week", _("within a week")),
    ("later", _("later")),
    (NONE, _("no day")),
)
SORT_WORDS = {
    "due": _("By day"),
    "importance": _("Most important"),
    "newest": _("Newest"),
    "title": _("By title"),
}
TASK_URGENCY = [
    (5, _("5 · now")),
    (4, _("4 · this week")),
    (3, _("3 · this month")),
    (2, _("2 · can wait a while")),
    (1, _("1 · some day")),
]
SEARCH_MAX = 200


class TaskFilterForm(forms.Form):
    """The choices of a reader. `chosen()` gives the valid ones; the others stand in `left_out`."""

    use_required_attribute = False

    q = forms.CharField(label=_("Search"), required=False, max_length=SEARCH_MAX)
    assignee = forms.ChoiceField(label=_("Whose"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    status = forms.ChoiceField(label=_("State"), required=False, choices=STATUSES)
    due = forms.ChoiceField(label=_("Due"), required=False, choices=DUE)
    goal = forms.ChoiceField(label=_("Goal"), required=False)
    responsibility = forms.ChoiceField(label=_("Responsibility"), required=False)
    view = forms.ChoiceField(label=_("View"), required=False, choices=VIEWS)
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=[(name, SORT_WORDS[name]) for name in SORTS])

    def __init__(self, data: Mapping[str, object] | None, *, choices: TaskChoices, member: Member) -> None:
        super().__init__(data, auto_id="filter-%s")
        people = [(pk, name) for pk, name in choices.people if pk != str(member.pk)]
        self._offer("assignee", [("", _("anyone")), (ME, _("Me")), (NONE, _("Nobody yet")), *people])
        self._offer("team", [("", _("all")), *choices.teams])
        self._offer("goal", [("", _("any")), *choices.goals])
        self._offer("responsibility", [("", _("any")), *choices.responsibilities])
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = LEFT_OUT
        urls = {"assignee": "workspaces:member_options", "goal": "goals:goal_options"}
        for name, url in urls.items():
            first = str(cast("Any", self.fields[name]).choices[0][1])
            attrs = {"data-combobox": "", "data-placeholder": first, "data-always": f"{ME} {NONE}"}
            self.fields[name].widget.attrs |= attrs | {"data-url": reverse_in(member.workspace, url)}

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    @property
    def left_out(self) -> list[str]:
        """What was not understood, each as a sentence."""
        return [f"{self.fields[name].label}: {error}" for name, errors in self.errors.items() for error in errors]

    def value(self, name: str, default: str = "") -> str:
        """The valid value of one field, else the default."""
        return str(self.cleaned_data.get(name) or default)

    def chosen(self) -> TaskFilters:
        """The filters."""
        self.full_clean()
        return TaskFilters(
            assignee=self.value("assignee"),
            team=self.value("team"),
            goal=self.value("goal"),
            responsibility=self.value("responsibility"),
            status=self.value("status", "todo"),
            due=self.value("due"),
            q=self.value("q"),
        )

    def spoken(self, name: str) -> str:
        """A chosen value in words, for its chip."""
        value, field = self.value(name), self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(cast("Any", field.choices)).get(value, value))
        return value


def hours_field() -> forms.DecimalField:
    """How long something takes, in the reader's way of writing numbers."""
    return forms.DecimalField(
        label=_("How many hours?"),
        required=False,
        min_value=0,
        max_value=10_000,
        max_digits=6,
        decimal_places=1,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class TaskForm(EditForm):
    """All a person may say about a task. `task` is the one that is changed, None for a new one."""

    title = forms.CharField(
        label=_("What is to be done?"), max_length=TITLE_MAX, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = forms.CharField(
        label=_("What else people should know"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Markdown: **bold**, lists, links."),
    )
    goal = ChooseOne(label=_("For which goal?"), required=False)
    responsibility = ChooseOne(label=_("Or for which responsibility?"), required=False)
    assignee = ChooseOne(label=_("Whose task is it?"), required=False)
    helpers = ChooseSeveral(label=_("Who else is on it?"), required=False)
    due_on = date_field(label=_("Due"))
    hours = hours_field()
    importance = scale(_("How important is it?"), IMPORTANCE)
    urgency = scale(_("How urgent is it?"), TASK_URGENCY)
    labels = LabelsField(label=_("Labels"), required=False, max_length=3_000, help_text=_("Separated by commas."))

    def __init__(self, *args: Any, member: Member, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, thing=task, reader=member, **kwargs)
        workspace = member.workspace
        at_work = Q(deactivated_at=None) | Q(pk=task.assignee_id) | Q(helped_tasks=task)
        people = Chooser(visible_members(member).filter(at_work).distinct(), "name", "email")
        for name in ("assignee", "helpers"):
            field = cast("ChooseOne", self.fields[name])
            field.among(people, url=reverse_in(workspace, "workspaces:member_options"))
        goals = visible_goals(member).filter(Q(status__in=OPEN_STATUSES) | Q(pk=task.goal_id))
        duties = visible_responsibilities(member).filter(Q(archived_at=None) | Q(pk=task.responsibility_id))
        for name, rows, url in (
            ("goal", goals, "goals:goal_options"),
            ("responsibility", duties, "responsibilities:responsibility_options"),
        ):
            cast("ChooseOne", self.fields[name]).among(Chooser(rows, "title"), url=reverse_in(workspace, url))

    def service_fields(self) -> TaskFields:
        """The cleaned fields as the service takes them. What it belongs to is said as a whole: one of two."""
        data, places = dict(self.cleaned_data), ("goal", "responsibility")
        if data.keys() & set(places):
            data |= {name: self.said(name) for name in places}
        return cast("TaskFields", data)


class WorkForm(EditForm):
    """What the assignee says of a task that is otherwise not theirs to change."""

    hours = hours_field()

    def service_fields(self) -> TaskFields:
        """The cleaned fields as the service takes them."""
        return cast("TaskFields", dict(self.cleaned_data))


class TaskMoveForm(forms.Form):
    """Into which state, from which it was in when the page was shown, and why it goes on without the answers of those
    consulted.
    """

    status = forms.ChoiceField(choices=TaskStatus.choices)
    was = forms.ChoiceField(required=False, choices=TaskStatus.choices)
    without_answers = forms.CharField(required=False, max_length=2_000)


class TaskPlaceForm(EditForm):
    """How important and how urgent a task is, from 1 to 5; an empty choice takes it off the map."""

    importance = forms.IntegerField(required=False, min_value=1, max_value=5)
    urgency = forms.IntegerField(required=False, min_value=1, max_value=5)


def initial_of(task: Task) -> dict[str, object]:
    """What the form starts from."""
    names = ("title", "description", "goal", "responsibility", "assignee", "due_on", "hours", "labels")
    initial = {name: getattr(task, name) for name in names}
    for name in ("importance", "urgency"):
        initial[name] = getattr(task, name) or ""
    return initial | {"helpers": list(task.helpers.order_by("name", "pk"))}
