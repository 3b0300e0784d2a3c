"""The log carries ids, never what people wrote."""

import json
import logging

import pytest
import structlog
from django.test import Client

from config import logs


def written(caplog, logger_name="request"):
    return [record for record in caplog.records if record.name == logger_name]


def test_request_is_logged_by_route_without_its_words(caplog):
    with caplog.at_level(logging.INFO):
        Client().get("/health/live", {"q": "a-secret-word"})
    (record,) = written(caplog)
    fields = record.msg
    assert fields["route"] == "health/live"
    assert fields["status"] == 200
    assert fields["member"] is None
    assert fields["request_id"]
    assert "a-secret-word" not in str(fields)


@pytest.mark.parametrize(
    "path", ["/join/topsecret/", "/account/password/reset/key/topsecret/", "/account/confirm-email/topsecret/"]
)
def test_addresses_lose_their_secrets(path):
    assert "topsecret" not in logs.discreet(f"Not Found: {path}")


def test_rows_quoted_by_the_database_are_left_out():
    text = (
        "IntegrityError: violates\nDETAIL:  Failing row contains (1, private\n\nwords).\n\n"
        "The above exception was the direct cause:\n\nTraceback\nIntegrityError: violates\nDETAIL:  private too"
    )
    told = logs.discreet(text)
    assert "private" not in told
    assert "The above exception was the direct cause" in told


def test_error_report_keeps_no_body_and_nobody():
    event = {
        "request": {"method": "POST", "url": "/join/x", "data": {"title": "private"}, "cookies": {"a": "b"}},
        "user": {"email": "a@example.org"},
        "breadcrumbs": {"values": [{"message": "private"}]},
        "exception": {"values": [{"type": "IntegrityError", "value": "no\nDETAIL:  (private)"}]},
    }
    told = logs.without_bodies(event, {})
    assert "private" not in json.dumps(told)
    assert told["request"] == {"method": "POST"}
    assert "user" not in told


def test_log_lines_are_json_outside_debugging():
    formatter = logs.configure(debug=False, level="INFO")["formatters"]["lines"]
    line = formatter.pop("()")(**formatter).format(
        logging.LogRecord("elsewhere", logging.INFO, __file__, 1, "Not Found: /join/topsecret/", (), None)
    )
    assert json.loads(line)["event"] == "Not Found: /join/.../"
    assert structlog.is_configured()
