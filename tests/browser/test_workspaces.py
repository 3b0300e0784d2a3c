"""People, teams and the workspace in a real browser: the main paths, and pages that break no rule."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from apps.goals.models import Goal
from apps.workspaces import services
from apps.workspaces.models import Member, Role, Team, TeamMembership, Workspace
from tests.accounts.people import verified
from tests.factories import GoalFactory, InvitationFactory, MemberFactory, UserFactory, ValueFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 375, "height": 800}
PageOf = Callable[..., "Page"]


def listen(page: "Page") -> list[str]:
    """What the browser complains of from now on."""
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def pick(page: "Page", label: str, typed: str, name: str) -> None:
    """Choose among many by typing."""
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(typed)
    page.get_by_role("option", name=name, exact=True).click()


def test_the_first_five_minutes(page_of: PageOf) -> None:
    zoe = MemberFactory(user=verified(UserFactory(name="Zoe", email="zoe@example.org")), deactivated_at=timezone.now())
    page = page_of(zoe)
    complaints = listen(page)
    page.goto("/")
    page.get_by_label("Name", exact=True).fill("Žofie's Bäckerei")
    pick(page, "Time zone", "vien", "Europe/Vienna")
    page.get_by_role("button", name="Create the workspace").click()
    page.wait_for_url("**/w/zofies-backerei/welcome/")
    page.get_by_label("Name", exact=True).fill("Ovens")
    page.get_by_role("button", name="Create the team").click()
    page.get_by_role("link", name="Ovens").wait_for()
    page.get_by_label("People", exact=True).fill("Yan <yan@example.org>\nnonsense")
    page.get_by_role("button", name="Send the invitations").click()
    page.get_by_text("Line 2: “nonsense” is not an e-mail address.").first.wait_for()
    page.get_by_label("People", exact=True).fill("Yan <yan@example.org>")
    page.get_by_role("button", name="Send the invitations").click()
    page.get_by_role("link", name="See who is invited").click()
    page.get_by_role("rowheader", name="Yan").wait_for()
    assert complaints == []
    assert Workspace.objects.get(slug="zofies-backerei").timezone == "Europe/Vienna"


def test_join_by_a_link(page_of: PageOf, alice: Member) -> None:
    owner = page_of(alice)
    owner.goto(reverse("workspaces:invitation_create", args=["harbour"]))
    owner.get_by_role("button", name="Create a link").click()
    link = owner.get_by_label("Link to join").input_value()
    guest = page_of(MemberFactory(user=verified(UserFactory(name="Zoe", email="zoe@example.org"))))
    guest.goto(link.removeprefix("http://testserver"))
    guest.get_by_role("button", name="Join Harbour").click()
    guest.wait_for_url("**/w/harbour/goals/**")
    assert Member.objects.get(workspace=alice.workspace, user__email="zoe@example.org").role == Role.MEMBER


def test_choose_the_people_of_a_team_by_keyboard(page_of: PageOf, lea: Member, mo: Member, product: Team) -> None:
    page = page_of(lea)
    page.goto(reverse("workspaces:team_members", args=["harbour", product.pk]))
    box = page.get_by_role("combobox", name="Members")
    box.focus()
    page.keyboard.type("mo")
    page.get_by_role("option", name="Mo").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("Mo")).wait_for()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/teams/{product.pk}/")
    assert TeamMembership.objects.filter(team=product, member=mo).exists()


def test_deactivate_somebody_with_one_answer_for_all(page_of: PageOf, alice: Member, lea: Member, goal: Goal) -> None:
    bob = goal.owner
    assert bob is not None
    page = page_of(alice)
    complaints = listen(page)
    page.goto(reverse("workspaces:member_detail", args=["harbour", bob.pk]))
    page.get_by_role("button", name="More").first.click()
    page.get_by_role("link", name="Deactivate").click()
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_text("Choose who takes this over").first.wait_for()
    pick(page, "Everything else", "le", "Lea")
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_text("Bob was deactivated.").wait_for()
    goal.refresh_from_db()
    assert goal.owner == lea
    assert complaints == []


def _addresses(alice: Member, bob: Member, product: Team) -> list[str]:
    """Every page of people, teams and settings, with something on each."""
    workspace = alice.workspace
    value = ValueFactory(workspace=workspace)
    ValueFactory(workspace=workspace, member=alice)
    InvitationFactory(workspace=workspace, invited_by=alice, email="zoe@example.org", name="Zoe")
    InvitationFactory(workspace=workspace, invited_by=alice, email="")
    waiting = MemberFactory(workspace=workspace, user=None, name="عمر بن الخطاب", email="")
    GoalFactory(owner=bob, team=product, title="A" * 300)
    now = timezone.now()
    invited = services.create_link(by=alice, at=now)
    expired = services.create_link(by=alice, at=now - timedelta(days=30))
    plain = ["member_list", "team_list", "team_create", "invitation_list", "invitation_create", "welcome", "value_list"]
    plain += ["value_create", "workspace_settings"]
    about = [(f"member_{what}", bob.pk) for what in ("detail", "edit", "role", "deactivate")]
    about += [(f"team_{what}", product.pk) for what in ("detail", "edit", "members", "archive")]
    about += [("value_edit", value.pk), ("value_delete", value.pk)]
    return [
        *(reverse(f"workspaces:{name}", args=["harbour"]) for name in plain),
        *(reverse(f"workspaces:{name}", args=["harbour", pk]) for name, pk in about),
        f"{reverse('workspaces:invitation_create', args=['harbour'])}?member={waiting.pk}",
        f"{reverse('workspaces:member_list', args=['harbour'])}?q=nobody",
        f"{reverse('workspaces:team_list', args=['harbour'])}?q=web",
        reverse("activity:audit_log", args=["harbour"]),
        reverse("workspace_create"),
        "/?choose=1",
        invited.url.removeprefix("http://testserver"),
        expired.url.removeprefix("http://testserver"),
    ]


@pytest.mark.parametrize(
    ("scheme", "viewport"),
    [("light", {"width": 1280, "height": 900}), ("dark", PHONE)],
    ids=["desk-light", "phone-dark"],
)
def test_every_page_is_accessible_and_fits(
    page_of: PageOf, alice: Member, lea: Member, bob: Member, web: Team, scheme: str, viewport: dict[str, int]
) -> None:
    assert web.parent is not None
    page = page_of(alice, color_scheme=scheme, viewport=viewport)
    faults: dict[str, list[str]] = {}
    for address in _addresses(alice, bob, web.parent):
        page.goto(address)
        found = [each["id"] for each in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the window")
        if found:
            faults[address] = found
    assert faults == {}
