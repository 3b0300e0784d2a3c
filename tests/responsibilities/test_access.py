"""Who sees a responsibility, asked for one member and for many at once."""

from apps.notifications.models import Notice
from apps.responsibilities.access import sees_responsibility, visible_responsibilities
from apps.workspaces.models import Role
from tests.factories import (
    AssignmentFactory,
    MemberFactory,
    NoticeFactory,
    ResponsibilityFactory,
    TaskFactory,
    TaskHelperFactory,
    TeamFactory,
    TeamMembershipFactory,
)


def test_both_say_the_same_of_everybody(alice, bob, gus, eve, harbour, now):
    people = [alice, bob, gus, eve, MemberFactory(workspace=harbour, deactivated_at=now)]
    team = TeamFactory(workspace=harbour)
    rows = ResponsibilityFactory.create_batch(7, workspace=harbour)
    _nobody_s, *parts = rows
    guests = MemberFactory.create_batch(len(parts), workspace=harbour, role=Role.GUEST)
    TeamMembershipFactory(team=team, member=guests[2])
    AssignmentFactory(responsibility=parts[0], member=guests[0])
    AssignmentFactory(responsibility=parts[1], member=guests[1], status="declined", answered_at=now)
    AssignmentFactory(responsibility=parts[2], team=team, status="accepted", answered_at=now)
    TaskFactory(responsibility=parts[3], assignee=guests[3])
    TaskHelperFactory(task=TaskFactory(responsibility=parts[4]), member=guests[4])
    AssignmentFactory(responsibility=parts[5], member=guests[5])
    type(gus).objects.filter(pk=guests[5].pk).update(deactivated_at=now)
    guests[5].refresh_from_db()
    for member in (*people, *guests):
        for row in rows:
            NoticeFactory(recipient=member, about_id=row.pk)
    sees = sees_responsibility(member="recipient_id", responsibility="about_id")
    found = set(Notice.objects.filter(sees).values_list("recipient_id", "about_id"))
    assert found == {
        (member.pk, pk)
        for member in (*people, *guests)
        for pk in visible_responsibilities(member).values_list("pk", flat=True)
    }
    own = zip(guests, parts, strict=True)
    assert [(guest.pk, part.pk) in found for guest, part in own] == [True, False, True, True, True, False]
