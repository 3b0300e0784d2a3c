"""In the tests of accounts mails leave at once, as a worker would send them a moment later."""

import pytest


@pytest.fixture(autouse=True)
def leave_at_once(account_mails_leave: None) -> None:
    """For every test here."""
