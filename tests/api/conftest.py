"""Callers of the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.integrations.models import SCOPES
from apps.integrations.services import tokens
from apps.workspaces.models import Member


@pytest.fixture
def api_of() -> Callable[..., APIClient]:
    """`api_of(member)` is a client with a fresh token of the member, of all scopes unless some are named."""

    def make(member: Member, *scopes: str) -> Any:
        _token, secret = tokens.create_token(
            name="Test", scopes=scopes or SCOPES, expires_at=None, by=member, at=timezone.now()
        )
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        client.default_format = "json"
        return client

    return make
