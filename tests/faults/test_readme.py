"""The README's word: from a clean clone, one command, and a stranger keeps real goals with it."""

import email
import html
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.servers import ROOT, let_pass

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ZONE = ZoneInfo("Europe/Amsterdam")
START_SECONDS = 300
MAIL_SECONDS = 90
STOP_SECONDS = 40
OURS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "DEBUG",
    "DEMO",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "COUNTERPOISE_VAR",
)
FAULTS = re.compile(r'class="[^"]*error[^"]*"[^>]*>\s*([^<]*)')
TITLE = "Every letter is answered within a week"


class Forms(HTMLParser):
    """The forms of a page with what a browser would send of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.select = self.area = ""
        self.chosen = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a field."""
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": have.get("action", ""), "fields": {}})
        if not self.forms:
            return
        fields, name = self.forms[-1]["fields"], have.get("name", "")
        kind = have.get("type", "text") if tag == "input" else tag
        if kind in {"checkbox", "radio"}:
            fields[name] = have.get("value", "on") if "checked" in have else fields.get(name)
        elif tag == "input" and name and kind not in {"submit", "button", "file"}:
            fields[name] = have.get("value", "")
        elif tag == "select":
            self.select, self.chosen = name, "multiple" in have
        elif tag == "option" and self.select and ("selected" in have or not self.chosen):
            self.chosen = True
            fields[self.select] = have.get("value", "")
        elif tag == "textarea":
            self.area, fields[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        """The end of a field."""
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        """What stands in a text area."""
        if self.area:
            self.forms[-1]["fields"][self.area] += data

    def with_field(self, name: str) -> dict[str, Any]:
        """The form that has this field."""
        return next(form for form in self.forms if name in form["fields"])


class Visitor:
    """Somebody with a browser without scripts."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=30)

    def close(self) -> None:
        """Let go of the connections."""
        self.http.close()

    def look(self, path: str) -> httpx.Response:
        """A page that is there."""
        answer = self.http.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer

    def send(self, path: str, field: str, **filled: str) -> httpx.Response:
        """Fill in the page's form that has the field, and send it."""
        page = self.look(path)
        form = Forms(page.text).with_field(field)
        data = {name: value for name, value in form["fields"].items() if value is not None} | filled
        answer = self.http.post(form["action"] or str(page.url), data=data, headers={"Referer": str(page.url)})
        assert answer.status_code == 200, f"{path}: {answer.status_code} {FAULTS.findall(answer.text)} to {data}"
        return answer


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A clean clone, with the packages of this checkout: what is installed from the lock is the same."""
    folder = tmp_path / "counterpoise"
    let_pass(tmp_path)
    clone = ["git", "clone", "--quiet", str(ROOT), str(folder)]
    subprocess.run(clone, check=True)
    if Path(sys.prefix).resolve() == (ROOT / ".venv").resolve():
        (folder / ".venv").symlink_to(ROOT / ".venv")
    yield folder
    for pid in working_in(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_for(is_so: Callable[[], Any], seconds: float, told: Callable[[], str]) -> Any:
    """What it gives back as soon as that is something."""
    limit = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < limit, told()
        time.sleep(0.3)
    return found


def working_in(folder: Path) -> list[int]:
    """Every process that works in the folder: what a failing test leaves running there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").resolve().is_relative_to(folder):
                found.append(int(entry.name))
    return found


def is_gone(pid: int) -> bool:
    """Whether the process ended (one that waits for its parent to notice has)."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def mails_about(folder: Path, text: str) -> list[EmailMessage]:
    """The mails that speak of it: what is due for a person at one time comes in one mail."""
    mails = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    return [mail for mail in mails if text in plain_text(mail)]


def plain_text(mail: EmailMessage) -> str:
    """The text part of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_readme_command_runs_everything_from_a_clean_clone(clone: Path) -> None:
    commands = re.findall(r"^python3 (dev\.py \w+)", (clone / "README.md").read_text(), re.MULTILINE)
    assert commands[:2] == ["dev.py up", "dev.py test"]
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    output = clone / "told.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *shlex.split(commands[0]), "--port", "0"],
            cwd=clone, env=environment, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
    try:
        run = clone / "var" / "run.json"
        wait_for(lambda: run.exists() or process.poll() is not None, START_SECONDS, output.read_text)
        assert process.poll() is None, output.read_text()
        facts = json.loads(run.read_text())
        assert facts["url"] in output.read_text()
        walk(facts, clone, environment, output)
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS) == 0, output.read_text()
        wait_for(lambda: all(is_gone(pid) for pid in facts["pids"].values()), STOP_SECONDS, output.read_text)
        assert working_in(clone) == []
        assert not run.exists()
    finally:
        process.kill()
        process.wait()


def walk(facts: dict[str, Any], clone: Path, environment: dict[str, str], output: Path) -> None:
    """Sign in as Maya, make a goal, check in, and get the reminder of the next check-in by mail."""
    with closing(Visitor(facts["url"])) as visitor:
        walk_as(visitor, facts, clone, environment, output)


def walk_as(visitor: Visitor, facts: dict[str, Any], clone: Path, environment: dict[str, str], output: Path) -> None:
    """The same, with a browser at hand."""
    maya = next(account for account in facts["accounts"] if account["email"].startswith("maya"))
    visitor.send("/account/login/", "password", login=maya["email"], password=maya["password"])
    home = f"/w/{maya['workspace']}/"
    assert "Patients get a first appointment within 9 days" in visitor.look(f"{home}goals/").text
    made = visitor.send(f"{home}goals/new/", "title", title=TITLE, reason="Silence is an answer, too.")
    assert TITLE in made.text
    pk = re.search(r"/goals/([0-9a-f-]{36})/", str(made.url))
    assert pk, made.url
    goal = f"{home}goals/{pk[1]}/"
    said = visitor.send(f"{goal}check-in/", "note", note="Eleven letters, all answered.", confidence="on_track")
    assert "Eleven letters, all answered." in visitor.look(goal).text, said.text
    due = datetime.now(ZONE).date() + timedelta(days=7)
    while due.isoweekday() > 5:
        due += timedelta(days=1)
    at = datetime.combine(due, clock(10), tzinfo=ZONE).astimezone(UTC)
    remind = [sys.executable, "dev.py", "manage", "remind", "--at", at.isoformat()]
    subprocess.run(remind, cwd=clone, env=environment, check=True, capture_output=True)
    folder = Path(facts["mail_dir"])
    check_in = f"{facts['url']}{goal}check-in/"
    (mail,) = wait_for(lambda: mails_about(folder, check_in), MAIL_SECONDS, output.read_text)
    assert mail["To"] == maya["email"]
    assert TITLE in plain_text(mail)
    assert html.escape(str(mail["Subject"])) in visitor.look("/dev/mail/").text
