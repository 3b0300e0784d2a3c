"""Moving a goal in its order, and giving it a place on the priority map."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.write_conflicts import EditForm

SCALE = [("", "\u2013"), *((str(number), str(number)) for number in range(1, 6))]


class MoveForm(forms.Form):
    """The neighbours between which a goal is put; either may be missing at an end."""

    after = forms.UUIDField(required=False)
    before = forms.UUIDField(required=False)


class PlaceForm(EditForm):
    """How important and how urgent a goal is, from 1 to 5; an empty choice takes it off the map."""

    importance = forms.TypedChoiceField(
        label=_("Importance"), choices=SCALE, coerce=int, empty_value=None, required=False
    )
    urgency = forms.TypedChoiceField(label=_("Urgency"), choices=SCALE, coerce=int, empty_value=None, required=False)
