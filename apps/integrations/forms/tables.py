"""Shapes of what people send to imports and exports."""

from collections.abc import Mapping
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.goals.models import Confidence, Status
from apps.goals.queries import ALL, ME, NONE, GoalFilters
from apps.integrations.models import ImportJob, Reason, RowKind
from apps.integrations.services.imports import check_size
from apps.responsibilities.queries import Finding, MatrixFilters

ACCEPTED = ".json,.csv,.tsv,.txt,application/json,text/csv"


class ImportForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("JSON of the shape neutral-goals/1, or a CSV table with one goal a row."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        max_length=1_000,
    )

    def clean_file(self) -> object:
        """Refuse a file that is too large before it is read."""
        file = self.cleaned_data["file"]
        check_size(file.size)
        return file


class ReportFilterForm(forms.Form):
    """Which lines of a report; only kinds and reasons that it holds can be chosen."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=gettext_lazy("Of"), required=False)
    reason = forms.ChoiceField(label=gettext_lazy("Because"), required=False)

    def __init__(self, data: Mapping[str, object] | None, *, job: ImportJob) -> None:
        super().__init__(data, auto_id="filter-%s")
        told = job.report.get("reasons", [])
        kinds = dict.fromkeys(line["kind"] for line in told)
        reasons = dict.fromkeys(line["reason"] for line in told)
        self._offer("kind", [(kind, str(RowKind(kind).label)) for kind in kinds])
        self._offer("reason", [(reason, str(Reason(reason).label)) for reason in reasons])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("all")), *choices]

    def chosen(self) -> dict[str, str]:
        """The valid choices; what is not known filters nothing."""
        self.full_clean()
        return {name: self.cleaned_data.get(name, "") for name in ("kind", "reason")}


UUID_PATTERN = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class ExportForm(forms.Form):
    """The filters of the goals pages as they stand in an address. Where nothing is said, everything is exported."""

    q = forms.CharField(required=False, max_length=200)
    cycle = forms.CharField(required=False, max_length=36)
    team = forms.CharField(required=False, max_length=36)
    owner = forms.CharField(required=False, max_length=36)
    parent = forms.CharField(required=False, max_length=36)
    status = forms.ChoiceField(
        required=False, choices=[(value, value) for value in ("any", "open", "closed", *Status.values)]
    )
    confidence = forms.ChoiceField(
        required=False, choices=[(value, value) for value in (*Confidence.values, NONE, "silent")]
    )
    label = forms.CharField(required=False, max_length=100)
    importance = forms.ChoiceField(required=False, choices=[(value, value) for value in ("5", "4", "3", "2", NONE)])
    due_before = forms.DateField(required=False)
    mine = forms.BooleanField(required=False)

    def _clean_reference(self, name: str, *words: str) -> str:
        value: str = self.cleaned_data[name]
        if value and value not in words:
            try:
                return str(UUID(value))
            except ValueError as error:
                raise forms.ValidationError(_("This is not known here.")) from error
        return value

    def clean_cycle(self) -> str:
        """An id, "none" or "all"."""
        return self._clean_reference("cycle", NONE, ALL) or ALL

    def clean_team(self) -> str:
        """An id or "none"."""
        return self._clean_reference("team", NONE)

    def clean_owner(self) -> str:
        """An id, "none" or "me"."""
        return self._clean_reference("owner", NONE, ME)

    def clean_parent(self) -> str:
        """An id."""
        return self._clean_reference("parent")

    def filters(self) -> GoalFilters:
        """What to export. ValidationError where a filter is not understood: more than was asked would mislead."""
        if not self.is_valid():
            raise forms.ValidationError(
                [f"{name}: {error}" for name, errors in self.errors.items() for error in errors]
            )
        return GoalFilters(**{**self.cleaned_data, "status": self.cleaned_data["status"] or "any"})


class MatrixExportForm(forms.Form):
    """The filters of the matrix as they stand in an address. What is not understood is left out."""

    rows = forms.ChoiceField(required=False, choices=[("responsibilities", ""), ("goals", "")])
    q = forms.CharField(required=False, max_length=200)
    team = forms.RegexField(rf"^({UUID_PATTERN}|none|all)$", required=False)
    person = forms.RegexField(rf"^({UUID_PATTERN}|me)$", required=False)
    finding = forms.ChoiceField(required=False, choices=[("any", ""), *Finding.choices])
    archived = forms.BooleanField(required=False)

    def filters(self, *, me: UUID) -> MatrixFilters:
        """What was understood."""
        self.full_clean()
        said = {name: value for name, value in self.cleaned_data.items() if value}
        if said.get("person") == "me":
            said["person"] = str(me)
        if said.get("team") == "all":
            del said["team"]
        things = said.pop("rows", "responsibilities")
        return MatrixFilters(things=things, **said)
