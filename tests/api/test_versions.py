"""The API's If-Match and the forms of the pages see each other's changes."""

import pytest
from django.urls import reverse

from tests.opened import opened, opened_in, save, with_changes


@pytest.fixture
def page(goal):
    """The address of the goal's form."""
    return reverse("goals:goal_edit", args=[goal.workspace.slug, goal.pk])


def test_a_form_sees_what_the_api_changed(client_of, api_of, bob, lea, goal, page):
    form = opened(client_of(lea), page)
    assert api_of(bob).patch(f"/api/v1/goals/{goal.pk}/", {"title": "By a program"}, format="json").status_code == 200
    response = client_of(lea).post(page, with_changes(form, {"title": "By hand"}))
    assert response.context["form"].conflicts["title"].theirs == "By a program"
    assert client_of(lea).post(page, opened_in(response.content.decode()) | {"keep-title": "theirs"}).status_code == 302


def test_if_match_sees_what_a_form_changed(client_of, api_of, bob, lea, goal, page):
    tag = api_of(bob).get(f"/api/v1/goals/{goal.pk}/")["ETag"]
    assert save(client_of(lea), page, {"title": "By hand"}).status_code == 302
    answer = api_of(bob).patch(f"/api/v1/goals/{goal.pk}/", {"title": "By a program"}, format="json", HTTP_IF_MATCH=tag)
    assert answer.status_code == 412
    goal.refresh_from_db()
    assert goal.title == "By hand"


def test_a_form_sent_untouched_leaves_the_version_as_it_was(client_of, api_of, bob, lea, goal, page):
    assert save(client_of(lea), page, {"title": "By hand"}).status_code == 302
    tag = api_of(bob).get(f"/api/v1/goals/{goal.pk}/")["ETag"]
    assert save(client_of(lea), page, {}).status_code == 302
    assert api_of(bob).get(f"/api/v1/goals/{goal.pk}/")["ETag"] == tag
