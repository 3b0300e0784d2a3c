"""What a program hears where the database ended what took too long."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from apps.goals import services
from apps.goals.models import Goal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["57014", "55P03"])
def test_a_program_hears_when_to_come_again(api_of: Any, bob: Any, state: str) -> None:
    """A statement that took too long, and one that waited too long for a lock."""

    def stop(*_arguments: object, **_named: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'stopped' USING ERRCODE = '{state}'; END $$")

    with patch.object(services, "create_goal", side_effect=stop):
        answer = api_of(bob).post("/api/v1/goals/", {"title": "Never"}, format="json")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert int(answer["Retry-After"]) >= 5
    assert answer.json()["detail"].startswith("This took longer than it may")
    assert not Goal.objects.filter(title="Never").exists()
