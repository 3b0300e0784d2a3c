"""An account is read together with its memberships."""

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.workspaces import queries
from apps.workspaces.backends import MembershipBackend
from tests.factories import MemberFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


def account(pk):
    """Who is signed in with this id."""
    user = MembershipBackend().get_user(pk)
    assert user is not None
    return user


def test_account_and_its_membership_take_one_query(bob, django_assert_num_queries):
    with django_assert_num_queries(1):
        user = account(bob.user_id)
        member = queries.active_membership(user, bob.workspace.slug)
        assert member is not None
        assert member == bob
        assert member.user is user


def test_account_without_membership_is_found():
    stranger = UserFactory()
    assert MembershipBackend().get_user(stranger.pk) == stranger


def test_account_that_is_gone_is_none(bob):
    pk = bob.user_id
    User.objects.filter(pk=pk).update(is_active=False)
    assert MembershipBackend().get_user(pk) is None
    assert MembershipBackend().get_user(0) is None


def test_deactivated_membership_is_not_known(bob):
    bob.deactivated_at = timezone.now()
    bob.save()
    user = account(bob.user_id)
    assert user == bob.user
    assert queries.active_membership(user, bob.workspace.slug) is None


def test_membership_beyond_the_known_ones_is_found(bob, monkeypatch):
    monkeypatch.setattr("apps.workspaces.queries.people.KNOWN_MAX", 1)
    other = MemberFactory(workspace=WorkspaceFactory(slug="elsewhere"), user=bob.user)
    user = account(bob.user_id)
    assert queries.active_membership(user, bob.workspace.slug) == bob
    assert queries.active_membership(user, "elsewhere") == other
    assert queries.active_membership(user, "nowhere") is None


def test_membership_made_after_the_account_was_read_is_found(bob):
    user = account(bob.user_id)
    other = MemberFactory(workspace=WorkspaceFactory(slug="elsewhere"), user=bob.user)
    assert queries.active_membership(user, "elsewhere") == other
