"""A machine without a browser gets one, or one sentence. Everything that would install is a script of the test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devserver.browser import BrowserMissingError, ensure_browser, find_browser
from tests.conftest import browser_at_hand
from tests.servers import ROOT

WORKS = "exit 0"


class Machine:
    """A folder that is the whole PATH, and a Python whose Playwright keeps its browser in `own`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.log.touch()
        self.own = folder / "own" / "chrome"
        (folder / "env").symlink_to(shutil.which("env") or "env")
        self.python = self.program("python", f'[ "$1" = -c ] && echo {self.own} || {{ echo no network >&2; exit 1; }}')

    def program(self, name: str, script: str) -> Path:
        """Put a program there that notes that it ran."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >> {self.log}\n{script}\n')
        path.chmod(0o755)
        return path

    def installer(self, name: str, makes: Path, after: str = "") -> None:
        """A program that makes a working browser there when it is told to install (after something else, if so)."""
        write = f"printf '#!/bin/sh\\n' > {makes}; /bin/chmod 755 {makes}"
        self.program(name, f'{after}\ncase "$*" in *install*) /bin/mkdir -p {makes.parent}; {write};; esac')

    def ran(self) -> str:
        """Each program that ran, with its arguments."""
        return self.log.read_text()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(made.python))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return made


def test_the_systems_browser_is_taken_as_it_is(machine: Machine) -> None:
    path = machine.program("google-chrome", WORKS)
    assert ensure_browser() == str(path)
    assert "apt-get" not in machine.ran()
    assert "playwright" not in machine.ran()


def test_a_browser_that_does_not_start_does_not_count(machine: Machine) -> None:
    machine.program("chromium-browser", "echo Install the snap >&2; exit 1")
    assert find_browser() is None
    path = machine.program("chromium", WORKS)
    assert find_browser() == str(path)


def test_playwrights_own_is_found(machine: Machine) -> None:
    machine.program("own/chrome", WORKS)
    assert find_browser() == str(machine.own)


def test_root_gets_it_from_the_package_manager(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.installer("apt-get", machine.folder / "chromium")
    assert ensure_browser() == str(machine.folder / "chromium")
    assert "sudo" not in machine.ran()


def test_others_get_it_by_sudo_where_it_asks_nothing(machine: Machine) -> None:
    machine.program("apt-get", "exit 100")
    machine.installer("sudo", machine.folder / "chromium", after='[ "$1" = -n ] || exit 1')
    assert ensure_browser() == str(machine.folder / "chromium")
    assert "sudo -n" in machine.ran()


def test_playwright_downloads_where_nobody_is_root(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.program("apt-get", WORKS)
    machine.program("sudo", "echo sudo: a password is required >&2; exit 1")
    machine.installer("python", machine.own, after=f'[ "$1" = -c ] && echo {machine.own}')
    assert ensure_browser() == str(machine.own)
    assert "a password is required" in capfd.readouterr().out


def test_without_any_way_one_sentence_says_what_to_install(machine: Machine) -> None:
    with pytest.raises(BrowserMissingError, match=r"^Browser tests and .*: install it .* PATH\.$"):
        ensure_browser()


def test_a_browser_test_stops_the_run_with_that_sentence(machine: Machine) -> None:
    with pytest.raises(pytest.exit.Exception, match="install it"):
        browser_at_hand()


@pytest.mark.slow
def test_the_second_command_says_it_before_any_test_runs(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    environment = {
        "HOME": str(tmp_path),
        "PATH": str(tmp_path / "bin"),
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "browsers"),
        "PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:9",
    }
    done = subprocess.run([sys.executable, ROOT / "dev.py", "test"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith("Getting Chromium")
    assert "passed" not in done.stdout
    assert done.stderr.startswith("Browser tests and pictures need Chromium")
    assert done.stderr.count("\n") == 1
