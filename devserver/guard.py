"""Starts a program so that it never outlives the process that started it, where wanted as another user.

Run as a script, standard library only: `python guard.py SIGNAL PARENT ACCOUNT PROGRAM [ARGUMENT ...]`.
On Linux it asks the kernel for SIGNAL at the parent's death and becomes the program; elsewhere it stays as its
watchdog. ACCOUNT is "same", "UID:GID", or "namespace": an unprivileged user inside a user namespace, whose files
belong to root outside.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
UNPRIVILEGED = 65534
WATCH_SECONDS = 0.5


def guarded(
    command: list[str],
    *,
    at_death: signal.Signals = signal.SIGTERM,
    account: str = "same",
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    log: int | None = None,
    keep: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in its own session that gets `at_death` when this process ends, however it ends.

    SIGKILL is for programs that need no farewell; their children have to see to themselves, as Celery's do.
    `log` is an open file for its output (else it shares ours), `keep` are the other files it inherits. The caller's
    main thread has to do this: the kernel watches the thread that started the child.
    """
    guard = [sys.executable, "-IS", __file__, str(int(at_death)), str(os.getpid()), account, *command]
    return subprocess.Popen(
        guard,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=keep,
        start_new_session=True,
    )


def become(account: str) -> None:
    """Take on the account's rights. Raises OSError where this system does not allow it."""
    if account == "same":
        return
    if account == "namespace":
        enter_namespace()
        return
    uid, gid = (int(part) for part in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def enter_namespace() -> None:
    """Be an unprivileged user inside a namespace in which root's files are that user's own."""
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED} {gid} 1", encoding="ascii")


def die_with_parent(number: int) -> None:
    """Ask the kernel for this signal when the parent dies (Linux)."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")


def forget_inherited_signals() -> None:
    """Undo what our starter blocks or ignores (a shell's background jobs ignore SIGINT): children inherit it."""
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def watch(command: list[str], number: int, parent: int) -> int:
    """Run the program as a child, pass on the signals we get, and send it `number` once the parent is gone."""
    child = subprocess.Popen(command, close_fds=False)

    def forward(received: int, _frame: FrameType | None) -> None:
        child.send_signal(received)

    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(name, forward)
    while child.poll() is None:
        if os.getppid() != parent:
            if number == signal.SIGKILL:
                os.killpg(0, number)  # the program, its children and this watchdog
            child.send_signal(number)
            parent = os.getppid()
        time.sleep(WATCH_SECONDS)
    return child.returncode


def main(arguments: list[str]) -> int:
    """Become the program; where the kernel does not tell of a parent's death watch it, and return its exit code."""
    number, parent, account, *command = arguments
    forget_inherited_signals()
    become(account)
    if not sys.platform.startswith("linux"):
        return watch(command, int(number), int(parent))
    die_with_parent(int(number))
    if os.getppid() == int(parent):
        os.execvp(command[0], command)  # noqa: S606 - becoming the program is the point
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
