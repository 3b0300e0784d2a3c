"""Forms of what is there: only what the person touched is written, and what others changed is never put back."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorList
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from apps.core.templatetags.core.dates import moment_words
from apps.core.write_conflicts.history import LastChange, last_changes
from apps.core.write_conflicts.shown import in_words
from apps.core.write_conflicts.versions import (
    Comparison,
    Marks,
    holds_many,
    items_of,
    mark_of,
    marks_of,
    merged,
    read_version,
    write_version,
)

THEIRS = "theirs"


@dataclass(frozen=True)
class WriteConflict:
    """A field that two people made to say different things: what it says now, and what the person wants."""

    name: str
    theirs: str
    mine: str
    seen: str
    change: LastChange | None = None
    is_own: bool = False

    @property
    def who(self) -> str:
        """Who else changed it; nothing where that is not known, or the person did so themselves."""
        return self.change.name if self.change and not self.is_own else ""

    def __str__(self) -> str:
        if self.change is None:
            return _("This was changed while you were editing.")
        moment = moment_words(timezone.localtime(self.change.at), timezone.localtime())
        words = {"who": self.change.name, "when": moment}
        if self.is_own:
            return _("You changed this yourself in another window, %(when)s.") % words
        return _("%(who)s changed this while you were editing, %(when)s.") % words


class ConflictErrors(ErrorList):
    """The question which of the two it shall be, wherever a page shows the field's errors."""

    template_name = "components/_write_conflict.html"
    conflict: WriteConflict

    def get_context(self) -> dict[str, Any]:
        """The errors, and both values."""
        return {**super().get_context(), "conflict": self.conflict}


class EditedField(BoundField):
    """A field as the page shows it: what the person left alone says what it says now, not what it said before."""

    form: "EditForm"

    def value(self) -> Any:
        """What stands in the control."""
        if self.name == "version":
            return self.form.carried_version()
        if self.name in self.form.untouched:
            return self.field.prepare_value(self.initial)
        return super().value()


class EditForm(forms.Form):
    """A form whose `initial` is what the thing says now, under its lock where it was sent.

    `thing` is what is changed, `reader` who does so, `logged` that in whose log it stands where it has none itself.
    Without a thing the form makes something new and is an ordinary form. With one `cleaned_data` holds only what the
    person touched; in a field that holds many, their touch on what the others made of it.
    """

    bound_field_class = EditedField
    version = forms.CharField(required=False, widget=forms.HiddenInput({"id": False}))  # a page may hold several

    def __init__(
        self,
        *args: Any,
        thing: Model | None = None,
        reader: Model | None = None,
        logged: Model | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.thing, self.reader, self.logged = thing, reader, logged
        self.untouched: set[str] = set()
        self.conflicts: dict[str, WriteConflict] = {}
        self._carried: dict[str, Marks | None] = {}
        self._clashing: dict[str, str] = {}
        if thing is None:
            del self.fields["version"]

    def full_clean(self) -> None:
        """As ever; then compare what was sent with what was opened and with what is there now."""
        super().full_clean()
        if self.is_bound and self.thing is not None:
            self.cleaned_data.pop("version", None)
            opened = read_version(" ".join(self._versions()))
            for name in self._edited():
                self._compare(name, opened.get(name))
            self._ask()

    def _versions(self) -> list[str]:
        """Of two forms that a page sends as one, each finds its own fields in both."""
        name = self.add_prefix("version")
        given = self.data.getlist(name) if isinstance(self.data, MultiValueDict) else [self.data.get(name, "")]
        return [str(each) for each in given]

    def said(self, name: str) -> Any:
        """What a field says after this form: what was sent where the person touched it, else what it says now."""
        return self.cleaned_data[name] if name in self.cleaned_data else self[name].initial

    def carried_version(self) -> str:
        """The version that goes out with the page."""
        marks = {name: self._carried[name] if name in self._carried else self._now(name) for name in self._edited()}
        known = {name: each for name, each in marks.items() if each is not None}
        return write_version({name: (holds_many(self.fields[name]), each) for name, each in known.items()})

    def _edited(self) -> list[str]:
        return [name for name, field in self.fields.items() if not field.widget.is_hidden and not field.disabled]

    def _now(self, name: str) -> Marks:
        return marks_of(items_of(self.fields[name], self[name].initial))

    def _compare(self, name: str, opened: Marks | None) -> None:
        """Keep, drop or merge what was sent for a field; where others touched the same, it is to be asked about."""
        bound, chosen = self[name], str(self.data.get(f"keep-{self.add_prefix(name)}", ""))
        if self._is_left_out(bound) or chosen == THEIRS:
            self._leave(name)
            return
        seen = mark_of(bound.initial)
        opened = self._carried[name] = self._now(name) if chosen == seen else opened
        is_read = name in self.cleaned_data
        if not is_read and holds_many(bound.field):
            return
        theirs = items_of(bound.field, bound.initial)
        mine = items_of(bound.field, self.cleaned_data[name] if is_read else bound.data)
        found = Comparison.of(opened, marks_of(theirs), marks_of(mine))
        if not found.touched:
            self._leave(name)
        elif found.clashing and is_read:
            self._clashing[name] = seen
        elif is_read and holds_many(bound.field):
            self.cleaned_data[name] = merged(found.touched, theirs, mine)

    def _is_left_out(self, bound: BoundField) -> bool:
        return bool(bound.field.widget.value_omitted_from_data(self.data, self.files, bound.html_name))

    def _leave(self, name: str) -> None:
        """The person left it alone: it is not written, and what one could say against it does not count."""
        self.untouched.add(name)
        self._carried.pop(name, None)
        self.cleaned_data.pop(name, None)
        self.errors.pop(name, None)

    def _ask(self) -> None:
        """Say at each field that was touched by both who changed it and when, and both values."""
        changes: dict[str, LastChange] = {}
        if self._clashing and self.thing is not None:
            changes = last_changes(self.thing, list(self._clashing), logged=self.logged or self.thing)
        for name, seen in self._clashing.items():
            bound, change = self[name], changes.get(name)
            conflict = WriteConflict(
                name=bound.html_name,
                theirs=in_words(bound.field, bound.initial),
                mine=in_words(bound.field, self.cleaned_data[name]),
                seen=seen,
                change=change,
                is_own=bool(change and self.reader and change.actor_id == self.reader.pk),
            )
            self.add_error(name, ValidationError(str(conflict), code="write_conflict"))
            errors = ConflictErrors(self.errors[name].as_data(), renderer=self.renderer, field_id=bound.auto_id)
            errors.conflict = self.conflicts[name] = conflict
            self.errors[name] = errors
