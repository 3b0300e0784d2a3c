"""Where Counterpoise differs from allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Keeps the name given at sign-up, and addresses in lower case."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save the new account with its name."""
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)
