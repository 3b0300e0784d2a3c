"""Who may do something, with the sentence for whoever may not, which stands at the rule and nowhere else."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, ParamSpec

from django.core.exceptions import PermissionDenied
from django_stubs_ext import StrOrPromise

Asked = ParamSpec("Asked")


class Permission(Generic[Asked]):
    """A rule that is asked, `can_close(member, goal)`, or demanded: `can_close.demand(member, goal)`."""

    def __init__(self, rule: Callable[Asked, bool], refusal: StrOrPromise) -> None:
        self.rule, self.refusal = rule, refusal
        update_wrapper(self, rule)

    def __call__(self, *args: Asked.args, **kwargs: Asked.kwargs) -> bool:
        """Whether they may."""
        return self.rule(*args, **kwargs)

    def refused(self) -> PermissionDenied:
        """What is raised where they may not."""
        return PermissionDenied(str(self.refusal))

    def demand(self, *args: Asked.args, **kwargs: Asked.kwargs) -> None:
        """Raise PermissionDenied with the sentence where they may not."""
        if not self.rule(*args, **kwargs):
            raise self.refused()


def refuses(refusal: StrOrPromise) -> Callable[[Callable[Asked, bool]], Permission[Asked]]:
    """Give a rule its sentence: `@refuses(_("Only the owner can close this goal."))`, lazily translated."""
    return lambda rule: Permission(rule, refusal)
