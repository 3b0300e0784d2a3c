"""Changing an account."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts import services
from apps.accounts.adapter.social import printable
from apps.accounts.models import User, validate_name
from tests.counts import times
from tests.factories import UserFactory
from tests.lists import hook_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def noor() -> User:
    return UserFactory(name="Noor", email="noor@example.org")


def test_update_profile_changes_name_zone_and_language(noor: User) -> None:
    services.update_profile(noor, name="  Noor   Haddad ", timezone="Asia/Kolkata", language="de")
    noor.refresh_from_db()
    assert (noor.name, noor.timezone, noor.language) == ("Noor Haddad", "Asia/Kolkata", "de")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("name", "No\x00or"),
        ("name", "No\u202eor"),
        ("name", "\u2066Noor"),
        ("timezone", "Mars/Olympus"),
        ("timezone", ""),
        ("timezone", "../../etc/passwd"),
        ("timezone", "Europe/" + "x" * 10_000),
        ("language", "xx"),
        ("language", ""),
    ],
)
def test_update_profile_refuses_at_the_field(noor: User, field: str, value: str) -> None:
    fields = {"name": "Noor", "timezone": "UTC", "language": "en", field: value}
    with pytest.raises(ValidationError) as caught:
        services.update_profile(noor, **fields)
    assert list(caught.value.message_dict) == [field]
    noor.refresh_from_db()
    assert (noor.name, noor.timezone, noor.language) == ("Noor", "UTC", "en")


def test_update_profile_says_everything_at_once(noor: User) -> None:
    with pytest.raises(ValidationError) as caught:
        services.update_profile(noor, name="", timezone="x", language="x")
    assert set(caught.value.message_dict) == {"name", "timezone", "language"}


@given(text=st.text(max_size=300))
@settings(max_examples=times(600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_name_from_elsewhere_is_always_acceptable(text: str) -> None:
    validate_name(printable(text))


def test_a_new_name_reaches_what_follows_it(noor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(services, "NAME_FOLLOWERS", hook_of(lambda user: seen.append(user.name)))
    services.update_profile(noor, name="Noor Haddad", timezone="UTC", language="en")
    services.update_profile(noor, name="Noor Haddad", timezone="Asia/Tokyo", language="en")
    assert seen == ["Noor Haddad"]


def test_end_sessions_changes_what_a_session_must_match(noor: User) -> None:
    before = noor.get_session_auth_hash()
    assert services.end_sessions(noor).get_session_auth_hash() != before


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "\x00", "x" * 100_000])
def test_a_zone_the_database_does_not_know_becomes_utc(zone: str) -> None:
    assert services.proposed_timezone(zone) == "UTC"
