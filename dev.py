#!/usr/bin/env python3
"""The whole day's work with one file: run, test, check, fix, measure. Needs nothing but Python 3.11 or newer.

The first use makes a virtual environment in .venv and installs the hashed requirements.lock into it, with uv where
that is on the PATH, else with pip.
"""

import argparse
import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed.sha256"
UNFINISHED = VENV / "installing"
OLDEST = (3, 11)
HIGHEST_PORT = 65_535

BIN = VENV / "bin"
CHECKS: dict[str, list[str | Path]] = {
    "mypy": [BIN / "mypy"],  # the longest first: the others run beside it
    "ruff check": [BIN / "ruff", "check", "."],
    "ruff format": [BIN / "ruff", "format", "--check", "."],
    "import-linter": [BIN / "lint-imports"],
    "djlint": [BIN / "djlint", "templates", "--lint", "--quiet"],
    "djade": [BIN / "djade", "--check"],
    "migrations": [PYTHON, "-W", "ignore:Got an error checking", "manage.py", "makemigrations", "--check", "--dry-run"],
    "live migrations": [PYTHON, "manage.py", "lint_migrations"],
    "deploy": [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
}
FIXES: dict[str, list[str | Path]] = {
    "ruff check": [BIN / "ruff", "check", "--fix", "."],
    "ruff format": [BIN / "ruff", "format", "."],
    "djade": [BIN / "djade"],
}
PRODUCTION = {
    "SECRET_KEY": hashlib.sha512(b"only looked at, never used").hexdigest(),
    "ENCRYPTION_KEYS": base64.urlsafe_b64encode(bytes(32)).decode(),
    "SITE_URL": "https://counterpoise.example",
    "DATABASE_URL": "postgresql:///counterpoise",
    "DATABASE_OWNER_URL": "",
    "REDIS_URL": "redis://localhost:6379",
    "DEBUG": "0",
    "DEMO": "0",
}


def main() -> int:
    """Find the command, then find the environment, then run the one in the other. Returns the exit code."""
    if sys.version_info < OLDEST:
        print(f"Counterpoise needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}.")
        return 1
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("up", help="run everything: servers, web, jobs, mail, with the demo workspace")
    run.add_argument("--port", type=port, help="the web server's port (8000, or a free one)")
    run.add_argument("--reset", action="store_true", help="throw the embedded data away and start anew")
    run.add_argument("--debug", action="store_true", help="show errors in the browser, reload changed code")
    for name, text in {
        "test": "run the tests (--full tries ten times as often; other arguments go to pytest)",
        "check": "look for mistakes without changing anything",
        "fix": "mend and format what can be mended by machine",
        "bench": "measure: dev.py bench [NAME]",
        "manage": "run a Django management command on the data of `up`",
    }.items():
        commands.add_parser(name, help=text, add_help=False, prefix_chars="\0")
    options, rest = parser.parse_known_args()
    if options.command == "up" and rest:
        parser.error(f"unknown: {' '.join(rest)}")
    enter_environment()
    os.chdir(ROOT)
    return int(COMMANDS[options.command](options, rest))


def port(text: str) -> int:
    """A port as argparse reads it; 0 takes any that is free."""
    if not text.isascii() or not text.isdigit() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {HIGHEST_PORT}, not {text}")
    return int(text)


# ---- the virtual environment ------------------------------------------------------------------------------------


def enter_environment() -> None:
    """Go on inside .venv, made or brought up to date first."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not is_installed(wanted):
        with (ROOT / ".venv.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not is_installed(wanted):
                install(wanted, file.fileno())
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), str(ROOT / "dev.py"), *sys.argv[1:]])  # noqa: S606 - going on as that Python


def is_installed(wanted: str) -> bool:
    """Whether .venv is whole and holds what the lock says."""
    return PYTHON.exists() and not UNFINISHED.exists() and STAMP.exists() and STAMP.read_text().strip() == wanted


def install(wanted: str, lock: int) -> None:
    """Install the lock. An environment whose making was interrupted is made anew.

    The installers inherit the file that locks the environment: if we are killed, the next start waits for them.
    """
    anew = UNFINISHED.exists() or not PYTHON.exists()
    print("Installing the packages of requirements.lock into .venv (once) ...", flush=True)
    if anew:
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir()
    STAMP.unlink(missing_ok=True)
    UNFINISHED.touch()
    if not (has_uv() and install_with_uv(lock, anew=anew)):
        install_with_pip(lock, anew=anew)
    STAMP.write_text(wanted)
    UNFINISHED.unlink()


def has_uv() -> bool:
    """Whether a uv that works is on the PATH."""
    return bool(shutil.which("uv")) and subprocess.run(["uv", "--version"], capture_output=True).returncode == 0


def install_with_uv(lock: int, *, anew: bool) -> bool:
    """Install with uv. False where it cannot, so that pip may try."""
    create = ["uv", "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)]
    if anew and subprocess.run(create, pass_fds=[lock]).returncode != 0:
        return False
    sync = ["uv", "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), str(LOCK)]
    return subprocess.run(sync, pass_fds=[lock]).returncode == 0


def install_with_pip(lock: int, *, anew: bool) -> None:
    """Install with the pip that a new environment brings. Ends with a clear word where this cannot work."""
    try:
        if anew or subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True).returncode != 0:
            venv.create(VENV, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError:
        sys.exit("This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    if subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], pass_fds=[lock]).returncode != 0:
        sys.exit("The packages could not be installed; the lines above say why. The next start tries again.")


# ---- the commands -----------------------------------------------------------------------------------------------


def up(options: argparse.Namespace, _rest: list[str]) -> int:
    """Run everything until Ctrl-C."""
    from devserver import launcher

    return launcher.up(port=options.port, reset=options.reset, debug=options.debug)


def test(_options: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests: all of them in as many processes as there are processors, some of them in one.

    Real servers named in the environment are shared, so nothing runs side by side on them. All of them need a browser,
    so it is looked for first; some of them get it when one of them opens it. `--full` is ours: see tests/counts.py.
    """
    from devserver.browser import BrowserMissingError, ensure_browser

    if full := "--full" in rest:
        rest = [each for each in rest if each != "--full"]
    if not rest:
        try:
            ensure_browser()
        except BrowserMissingError as error:
            sys.exit(str(error))
    real = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    side_by_side = [] if rest or real else ["-n", str(max(2, os.cpu_count() or 2)), "--dist", "worksteal"]
    environment = {**os.environ, **({"COUNTERPOISE_TESTS": "full"} if full else {})}
    return subprocess.run([sys.executable, "-m", "pytest", *side_by_side, *rest], env=environment).returncode


def check(_options: argparse.Namespace, _rest: list[str]) -> int:
    """Run every check, as many at a time as there are processors; tell each one's answer, fail if one fails."""
    environment = {**os.environ, **PRODUCTION}
    run = partial(subprocess.run, env=environment, capture_output=True, text=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {name: pool.submit(run, [*command, *templates(name)]) for name, command in CHECKS.items()}
    failed = []
    for name, each in running.items():
        done = each.result()
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'}  {name}", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    return 1 if failed else 0


def fix(_options: argparse.Namespace, _rest: list[str]) -> int:
    """Mend and format. What cannot be mended by machine is told, and is `check`'s to judge."""
    for name, command in FIXES.items():
        subprocess.run([*command, *templates(name)])
    return 0


def templates(name: str) -> list[str]:
    """The files djade is called with: it takes no folders."""
    return [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))] if name == "djade" else []


def bench(_options: argparse.Namespace, rest: list[str]) -> int:
    """Measure."""
    return subprocess.run([sys.executable, "-m", "benchmarks", *rest]).returncode


def manage(_options: argparse.Namespace, rest: list[str]) -> int:
    """Run a management command."""
    from devserver import launcher

    with launcher.running_or_started() as environment:
        return subprocess.run([sys.executable, "manage.py", *rest], env=environment).returncode


COMMANDS = {"up": up, "test": test, "check": check, "fix": fix, "bench": bench, "manage": manage}

if __name__ == "__main__":
    sys.exit(main())
