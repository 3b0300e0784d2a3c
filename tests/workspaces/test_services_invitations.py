"""Inviting people, and letting them in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.activity.models import Event
from apps.workspaces import services
from apps.workspaces.models import Invitation, Member, Role, TeamMembership, hash_token
from apps.workspaces.services import invitations as hooks
from apps.workspaces.services.pasted import PEOPLE_MAX, read_people
from tests.factories import GoalFactory, MemberFactory, TeamFactory, UserFactory
from tests.lists import hook_of


def account(email, *, verified=True, name="Zoe"):
    user = UserFactory(email=email, name=name)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def token_of(invited):
    return invited.url.rstrip("/").rsplit("/", 1)[-1]


def code_of(refused):
    return refused.value.code


# ---- the pasted list ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("a@x.org", [("", "a@x.org")]),
        ("Ana Lund <A@X.org>", [("Ana Lund", "a@x.org")]),
        ("a@x.org, b@x.org; c@x.org\n\n  d@x.org  ", [("", f"{each}@x.org") for each in "abcd"]),
        ('"Lund, Ana" <a@x.org>, Bo <b@x.org>', [("Lund, Ana", "a@x.org"), ("Bo", "b@x.org")]),
        ("Lund, Ana <a@x.org>", [("Lund, Ana", "a@x.org")]),
        ("Ana Lund a@x.org", [("Ana Lund", "a@x.org")]),
        ("Ana\ta@x.org\r\nBo\tb@x.org", [("Ana", "a@x.org"), ("Bo", "b@x.org")]),
        ("<a@x.org>", [("", "a@x.org")]),
        ("mailto:a@x.org", [("", "a@x.org")]),
        ("Žofie 王 <z@x.org>", [("Žofie 王", "z@x.org")]),
    ],
)
def test_read_people(text, people):
    assert [(each.name, each.email) for each in read_people(text)] == people


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a@x.org\nnonsense\nb@x.org\n@@", [2, 4]),
        ("a@x.org\nA@x.org", [2]),
        ("<script>alert(1)</script>", [1]),
        ("../../etc/passwd", [1]),
        ("a@x.org b@", [1]),
        (f"{'x' * 260}@x.org", [1]),
        (f"{'N' * 201} <a@x.org>", [1]),
        ("a@x.org\u202e@evil.org", [1]),
    ],
)
def test_each_faulty_line_is_named(text, lines):
    with pytest.raises(ValidationError) as refused:
        read_people(text)
    assert [message.split(":")[0] for message in refused.value.messages] == [f"Line {number}" for number in lines]


@pytest.mark.parametrize("text", ["", "  \n ", ",;,\n"])
def test_an_empty_list_is_refused(text):
    with pytest.raises(ValidationError):
        read_people(text)


def test_a_list_has_an_end():
    with pytest.raises(ValidationError):
        read_people("\n".join(f"p{number}@x.org" for number in range(PEOPLE_MAX + 1)))


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        people = read_people(text)
    except ValidationError as refused:
        assert refused.messages  # noqa: PT017 - either way is right
    else:
        assert all("@" in each.email and each.line >= 1 for each in people)


# ---- inviting ----------------------------------------------------------------------------------------------------


def test_create_invitations_tells_the_mailer_the_address_to_join_at(adam, product, now, monkeypatch):
    told = []
    monkeypatch.setattr(hooks, "INVITATION_CREATED", hook_of(lambda *each: told.append(each)))
    sent = services.create_invitations("Zoe <zoe@x.org>\nyan@x.org", role=Role.GUEST, team=product, by=adam, at=now)
    assert told == [(each.invitation, each.url, now) for each in sent]
    first = Invitation.objects.get(email="zoe@x.org")
    assert (first.name, first.role, first.team, first.invited_by) == ("Zoe", Role.GUEST, product, adam)
    assert first.expires_at == now + timedelta(days=14)
    assert sent[0].url.startswith("http://testserver/join/")


def test_tokens_are_kept_as_hashes_and_differ(adam, now):
    sent = services.create_invitations("a@x.org, b@x.org", by=adam, at=now)
    tokens = [token_of(each) for each in sent]
    assert len(set(tokens)) == 2
    assert all(len(token) >= 43 for token in tokens)
    rows = str(list(Invitation.objects.values())) + str(list(Event.objects.values()))
    assert all(token not in rows and hash_token(token) in rows for token in tokens)


def test_a_faulty_line_invites_nobody(adam, bob, harbour, now):
    MemberFactory(workspace=harbour, user=None, email="gone@x.org", deactivated_at=now)
    services.create_invitations("waits@x.org", by=adam, at=now)
    text = "new@x.org\nbob@example.org\nwaits@x.org\ngone@x.org\nnonsense"
    with pytest.raises(ValidationError) as refused:
        services.create_invitations(text, by=adam, at=now)
    assert [m.split(":")[0] for m in refused.value.message_dict["people"]] == ["Line 5"]
    with pytest.raises(ValidationError) as refused:
        services.create_invitations(text.removesuffix("\nnonsense"), by=adam, at=now)
    assert [m.split(":")[0] for m in refused.value.message_dict["people"]] == ["Line 2", "Line 3", "Line 4"]
    assert Invitation.objects.count() == 1


def test_an_address_of_an_account_counts_though_the_entry_has_another(adam, bob, now):
    Member.objects.filter(pk=bob.pk).update(email="")
    with pytest.raises(ValidationError):
        services.create_invitations("bob@example.org", by=adam, at=now)


@pytest.mark.parametrize("name", ["lea", "bob", "gus"])
def test_only_admins_invite(request, harbour, now, name):
    by = request.getfixturevalue(name)
    imported = MemberFactory(workspace=harbour, user=None)
    for call in (
        lambda: services.create_invitations("a@x.org", by=by, at=now),
        lambda: services.create_link(by=by, at=now),
        lambda: services.invite_member(imported, email="a@x.org", by=by, at=now),
    ):
        with pytest.raises(PermissionDenied):
            call()


def test_nobody_is_invited_as_owner_or_to_a_hidden_team(alice, eve, now):
    for fields, wrong in (({"role": Role.OWNER}, "role"), ({"role": "x"}, "role"), ({"team": TeamFactory()}, "team")):
        with pytest.raises(ValidationError) as refused:
            services.create_invitations("a@x.org", by=alice, at=now, **fields)
        assert set(refused.value.message_dict) == {wrong}


def test_a_link_makes_no_admins_and_has_an_end(alice, now):
    for fields, wrong in (({"role": Role.ADMIN}, "role"), ({"days": 365}, "days"), ({"days": 0}, "days")):
        with pytest.raises(ValidationError) as refused:
            services.create_link(by=alice, at=now, **fields)
        assert set(refused.value.message_dict) == {wrong}


def test_resend_makes_a_new_address_and_the_old_one_opens_nothing(adam, now, monkeypatch):
    first = services.create_invitations("zoe@x.org", by=adam, at=now)[0]
    told = []
    monkeypatch.setattr(hooks, "INVITATION_CREATED", hook_of(lambda *each: told.append(each)))
    later = now + timedelta(days=20)
    again = services.resend_invitation(first.invitation, by=adam, at=later)
    assert told == [(again.invitation, again.url, later)]
    zoe = account("zoe@x.org")
    with pytest.raises(ValidationError) as refused:
        services.accept_invitation(token_of(first), user=zoe, at=later)
    assert code_of(refused) == "unknown"
    assert services.accept_invitation(token_of(again), user=zoe, at=later).user == zoe


def test_what_is_over_is_neither_sent_again_nor_withdrawn(adam, now):
    link = services.create_link(by=adam, at=now).invitation
    used, withdrawn = (each for each in services.create_invitations("u@x.org, w@x.org", by=adam, at=now))
    services.revoke_invitation(withdrawn.invitation, by=adam, at=now)
    services.revoke_invitation(withdrawn.invitation, by=adam, at=now)
    services.accept_invitation(token_of(used), user=account("u@x.org"), at=now)
    for invitation in (link, used.invitation, withdrawn.invitation):
        with pytest.raises(ValidationError):
            services.resend_invitation(invitation, by=adam, at=now)
    with pytest.raises(ValidationError):
        services.revoke_invitation(used.invitation, by=adam, at=now)
    assert Event.objects.filter(verb="invitation.revoked").count() == 1


def test_another_workspaces_admin_touches_no_invitation(adam, eve, bob, now):
    invitation = services.create_invitations("zoe@x.org", by=adam, at=now)[0].invitation
    for by in (eve, bob):
        for call in (services.revoke_invitation, services.resend_invitation):
            with pytest.raises(PermissionDenied):
                call(invitation, by=by, at=now)


# ---- joining -----------------------------------------------------------------------------------------------------


def test_accept_makes_a_member_in_the_team(adam, product, now):
    invited = services.create_invitations("Z <zoe@x.org>", role=Role.ADMIN, team=product, by=adam, at=now)[0]
    zoe = services.accept_invitation(token_of(invited), user=account("zoe@x.org", name="Zoe Ng"), at=now)
    assert (zoe.name, zoe.email, zoe.role, zoe.is_active) == ("Zoe Ng", "zoe@x.org", Role.ADMIN, True)
    assert TeamMembership.objects.filter(team=product, member=zoe, is_lead=False).exists()
    invited.invitation.refresh_from_db()
    assert (invited.invitation.accepted_by, invited.invitation.accepted_at) == (zoe, now)
    assert Event.objects.get(verb="member.joined").actor == zoe


def test_accepting_twice_gives_the_same_member(adam, now):
    invited = services.create_invitations("zoe@x.org", by=adam, at=now)[0]
    zoe = account("zoe@x.org")
    first = services.accept_invitation(token_of(invited), user=zoe, at=now)
    assert services.accept_invitation(token_of(invited), user=zoe, at=now) == first
    assert Event.objects.filter(verb="member.joined").count() == 1


@pytest.mark.parametrize("verified", [True, False])
def test_an_addressed_invitation_is_for_that_verified_address(adam, now, verified):
    invited = services.create_invitations("zoe@x.org", by=adam, at=now)[0]
    other = account("other@x.org")
    EmailAddress.objects.create(user=other, email="zoe@x.org", verified=verified)
    if verified:
        assert services.accept_invitation(token_of(invited), user=other, at=now).email == "zoe@x.org"
    else:
        with pytest.raises(ValidationError) as refused:
            services.accept_invitation(token_of(invited), user=other, at=now)
        assert code_of(refused) == "other_address"
        assert not Member.objects.filter(user=other).exists()


@pytest.mark.parametrize("why", ["unknown", "accepted", "revoked", "expired"])
def test_what_is_over_opens_nothing(adam, now, why):
    invited = services.create_invitations("zoe@x.org", by=adam, at=now)[0]
    at, token = now, token_of(invited)
    if why == "accepted":
        services.accept_invitation(token, user=account("zoe@x.org"), at=now)
    elif why == "revoked":
        services.revoke_invitation(invited.invitation, by=adam, at=now)
    elif why == "expired":
        at = now + timedelta(days=14)
    else:
        token = token[:-1]
    late = UserFactory(email="late@x.org")
    EmailAddress.objects.create(user=late, email="late@x.org", verified=True)
    with pytest.raises(ValidationError) as refused:
        services.accept_invitation(token, user=late, at=at)
    assert code_of(refused) == why
    assert not Member.objects.filter(user=late).exists()


@pytest.mark.parametrize("token", ["", "x", "../..", "\x00", "%00", "x" * 5_000, "' OR 1=1 --", "\u202e"])
def test_hostile_tokens_are_unknown(db, now, token):
    with pytest.raises(ValidationError) as refused:
        services.accept_invitation(token, user=UserFactory(), at=now)
    assert code_of(refused) == "unknown"


def test_a_link_lets_many_in(adam, product, now):
    link = services.create_link(role=Role.GUEST, team=product, days=1, by=adam, at=now)
    for email in ("a@x.org", "b@x.org"):
        member = services.accept_invitation(token_of(link), user=account(email), at=now)
        assert (member.role, member.email) == (Role.GUEST, email)
    link.invitation.refresh_from_db()
    assert link.invitation.accepted_at is None
    with pytest.raises(ValidationError):
        services.accept_invitation(token_of(link), user=account("c@x.org"), at=now + timedelta(days=1))


def test_an_invited_person_without_account_takes_their_own_place(adam, now, harbour):
    imported = MemberFactory(workspace=harbour, user=None, name="Z. Ng", email="", role=Role.GUEST)
    goal = GoalFactory(owner=imported)
    invited = services.invite_member(imported, email=" Zoe@X.org ", by=adam, at=now)
    member = services.accept_invitation(token_of(invited), user=account("zoe@x.org"), at=now)
    assert (member, member.name, member.email, member.role) == (imported, "Z. Ng", "zoe@x.org", Role.GUEST)
    goal.refresh_from_db()
    assert goal.owner == member


def test_a_pasted_address_of_a_person_without_account_means_that_person(adam, now, harbour):
    imported = MemberFactory(workspace=harbour, user=None, email="zoe@x.org", role=Role.GUEST)
    invited = services.create_invitations("ZOE@x.org", role=Role.ADMIN, by=adam, at=now)[0]
    assert (invited.invitation.member, invited.invitation.role) == (imported, Role.GUEST)
    assert services.accept_invitation(token_of(invited), user=account("zoe@x.org"), at=now) == imported


@pytest.mark.parametrize("verified", [True, False])
def test_a_link_leads_to_the_place_of_a_verified_address_only(adam, now, harbour, verified):
    imported = MemberFactory(workspace=harbour, user=None, email="zoe@x.org", role=Role.ADMIN)
    link = services.create_link(by=adam, at=now)
    member = services.accept_invitation(token_of(link), user=account("zoe@x.org", verified=verified), at=now)
    assert (member == imported) is verified
    assert member.role == (Role.ADMIN if verified else Role.MEMBER)


def test_a_place_that_was_taken_is_not_taken_again(adam, now, harbour):
    imported = MemberFactory(workspace=harbour, user=None, email="zoe@x.org")
    invited = services.invite_member(imported, email="other@x.org", by=adam, at=now)
    link = services.create_link(by=adam, at=now)
    services.accept_invitation(token_of(link), user=account("zoe@x.org"), at=now)
    with pytest.raises(ValidationError) as refused:
        services.accept_invitation(token_of(invited), user=account("other@x.org"), at=now)
    assert code_of(refused) == "accepted"


def test_who_was_deactivated_stays_out(adam, alice, bob, harbour, now):
    EmailAddress.objects.create(user=bob.user, email="bob@example.org", verified=True)
    MemberFactory(workspace=harbour, user=None, email="gone@x.org", deactivated_at=now)
    services.deactivate_member(bob, choices={}, by=alice, at=now)
    link = token_of(services.create_link(by=adam, at=now))
    for user in (bob.user, account("gone@x.org")):
        with pytest.raises(ValidationError) as refused:
            services.accept_invitation(link, user=user, at=now)
        assert code_of(refused) == "deactivated"


def test_joining_by_link_uses_up_what_was_sent_to_the_same_address(adam, now):
    sent = services.create_invitations("zoe@x.org", by=adam, at=now)[0].invitation
    link = services.create_link(by=adam, at=now)
    zoe = services.accept_invitation(token_of(link), user=account("zoe@x.org"), at=now)
    sent.refresh_from_db()
    assert sent.accepted_by == zoe


def test_invite_member_refuses_who_needs_none(adam, bob, eve, harbour, now):
    gone = MemberFactory(workspace=harbour, user=None, deactivated_at=now)
    for person in (bob, gone, MemberFactory(user=None)):
        with pytest.raises(ValidationError):
            services.invite_member(person, email="new@x.org", by=adam, at=now)


@pytest.mark.parametrize("email", ["", "nonsense", "bob@example.org", "lea@example.org", "x" * 300 + "@x.org"])
def test_invite_member_refuses_bad_or_taken_addresses(adam, bob, harbour, now, email):
    MemberFactory(workspace=harbour, user=None, email="lea@example.org")
    imported = MemberFactory(workspace=harbour, user=None, email="")
    with pytest.raises(ValidationError) as refused:
        services.invite_member(imported, email=email, by=adam, at=now)
    assert set(refused.value.message_dict) == {"email"}


def test_an_archived_team_is_not_joined(adam, web, alice, now):
    invited = services.create_invitations("zoe@x.org", team=web, by=adam, at=now)[0]
    services.archive_team(web, by=alice, at=now)
    zoe = services.accept_invitation(token_of(invited), user=account("zoe@x.org"), at=now)
    assert not TeamMembership.objects.filter(member=zoe).exists()


@pytest.mark.django_db(transaction=True)
def test_one_person_who_accepts_twice_at_once_is_one_member(adam, now):
    link = token_of(services.create_link(by=adam, at=now))
    sent = token_of(services.create_invitations("zoe@x.org", by=adam, at=now)[0])
    zoe = account("zoe@x.org")
    barrier = Barrier(4)

    def join(token):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return services.accept_invitation(token, user=zoe, at=now).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(join, [link, sent, link, sent]))) == 1
    assert Member.objects.filter(user=zoe).count() == 1
