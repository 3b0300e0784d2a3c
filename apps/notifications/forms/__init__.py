"""The shape of what people say about what reaches them."""

from apps.notifications.forms.preferences import ReachForm, RhythmForm

__all__ = ["ReachForm", "RhythmForm"]
