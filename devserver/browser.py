"""The Chromium that browser tests and screenshots use: find one, or get one. Standard library only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WHERE_PLAYWRIGHT_KEEPS_ITS_OWN = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
)
PATIENCE = 120
"""Seconds in which another use of the package manager may come to its end."""


class BrowserMissingError(Exception):
    """There is no Chromium, and none could be had. Its text says what to install."""

    def __init__(self) -> None:
        super().__init__(
            "Browser tests and pictures need Chromium and none could be installed from here: install it with the "
            f"system's package manager, so that one of {', '.join(NAMES)} is on the PATH."
        )


def ensure_browser() -> str:
    """The path of a Chromium that runs, installed first where there is none. Raises BrowserMissingError."""
    if found := find_browser():
        return found
    _say("Getting Chromium for browser tests and pictures (once) ...")
    for get in (_get_from_apt, _get_from_playwright):
        if get() and (found := find_browser()):
            return found
    raise BrowserMissingError


def find_browser() -> str | None:
    """The path of the system's Chromium, else of the one Playwright downloaded; None where neither runs."""
    for path in filter(None, map(shutil.which, NAMES)):
        if _runs(path):
            return path
    asked = _run([sys.executable, "-c", WHERE_PLAYWRIGHT_KEEPS_ITS_OWN])
    own = asked.stdout.strip()
    return own if asked.returncode == 0 and Path(own).exists() and _runs(own) else None


def _runs(path: str) -> bool:
    """Whether it starts: Ubuntu's `chromium-browser` may only tell to install a snap, a download may lack libraries."""
    return _run([path, "--version"]).returncode == 0


def _get_from_apt() -> bool:
    """Install Debian's or Ubuntu's package, as root or where sudo asks for no password."""
    root = os.geteuid() == 0
    if not shutil.which("apt-get") or not (root or shutil.which("sudo")):
        return False
    apt = [*([] if root else ["sudo", "-n"]), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    apt += ["-o", f"DPkg::Lock::Timeout={PATIENCE}"]
    _tell(_run([*apt, "update"]))
    return _tell(_run([*apt, "install", "--no-install-recommends", "chromium"]))


def _get_from_playwright() -> bool:
    """Download Playwright's own Chromium into its usual place."""
    return _tell(_run([sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]))


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def _tell(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether it worked; of what did not, the last error is shown, else the last line."""
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()
        _say("  " + ([line for line in lines if line.startswith(("E: ", "Error: "))] or lines or [""])[-1])
    return done.returncode == 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - to a person at a terminal
