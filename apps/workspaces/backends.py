"""Whose session it is: the account, and with it its memberships, in one query."""

from allauth.account.auth_backends import AuthenticationBackend

from apps.accounts.models import User
from apps.workspaces import queries


class MembershipBackend(AuthenticationBackend):
    """Signs in as allauth does. Reading the account of a session also reads what active_membership asks next."""

    def get_user(self, user_id: object) -> User | None:
        """The account, None where it is gone or may not sign in."""
        user = queries.account_with_memberships(user_id)
        if user is None:
            found: User | None = super().get_user(user_id)
            return found
        return user if self.user_can_authenticate(user) else None
