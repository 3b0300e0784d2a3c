"""Changing the encryption keys as docs/deployment.md says, its own lines run one after the other."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet

from apps.accounts.adapter.second_factor import SecondFactorAdapter
from apps.integrations.models import Webhook
from apps.notifications.models import ChatChannel
from tests.factories import ChatChannelFactory, UserFactory, WebhookFactory
from tests.servers import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Stands for `docker compose`: `up` does what the service `migrate` does, `run … web COMMAND` runs the command.
DOCKER = f"""#!/bin/sh
shift
if [ "$1" = up ]; then set -- python manage.py migrate --no-input; else shift 3; fi
shift
cd {ROOT} && exec {sys.executable} "$@"
"""


class KeyChangeServer:
    """A checkout's folder of secrets, and a shell in which Compose runs our commands with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = folder / "deploy" / "secrets" / "encryption_keys"
        self.keys.parent.mkdir(parents=True)
        self.keys.write_text(Fernet.generate_key().decode() + "\n")
        (folder / "bin").mkdir()
        (folder / "bin" / "docker").write_text(DOCKER)
        (folder / "bin" / "docker").chmod(0o755)

    def run(self, lines: str) -> subprocess.CompletedProcess[str]:
        """The lines, up to the first that fails."""
        kept = {name: value for name, value in os.environ.items() if name != "ENCRYPTION_KEYS"}
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = {**kept, "PATH": path, "ENCRYPTION_KEYS_FILE": str(self.keys)}
        return subprocess.run(
            ["/bin/sh", "-e", "-c", lines], cwd=self.folder, env=environment, capture_output=True, text=True
        )

    @property
    def present_keys(self) -> list[str]:
        """As they stand in the file."""
        return self.keys.read_text().split()


@pytest.fixture
def server(tmp_path: Path, settings: object) -> KeyChangeServer:
    """With one key, under which a webhook, a chat and an authenticator app lie."""
    found = KeyChangeServer(tmp_path)
    settings.ENCRYPTION_KEYS = found.present_keys  # type: ignore[attr-defined]
    WebhookFactory(secret="whsec_kept")
    ChatChannelFactory(url="https://chat.example.org/kept")
    sealed = SecondFactorAdapter().encrypt("APPSECRET")
    Authenticator.objects.create(user=UserFactory(), type="totp", data={"secret": sealed})
    return found


def written_down() -> tuple[str, str]:
    """The two halves of the page's block: up to the check, and leaving the old key out."""
    page = (ROOT / "docs" / "deployment.md").read_text()
    block = re.search(r"\*\*The encryption keys\*\*.*?```sh\n(.*?)```", page, re.DOTALL)
    assert block
    first, second = block[1].split("\n\n")
    return first, second


def secrets_of_all(keys: list[str], settings: object) -> list[str]:
    """What is read with these keys."""
    settings.ENCRYPTION_KEYS = keys  # type: ignore[attr-defined]
    sealed = Authenticator.objects.get().data["secret"]
    return [Webhook.objects.get().secret, ChatChannel.objects.get().url, SecondFactorAdapter().decrypt(sealed)]


def test_the_written_steps_change_the_key_and_lose_nothing(server: KeyChangeServer, settings: object) -> None:
    [old] = server.present_keys
    first, second = written_down()
    done = server.run(first)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Encrypted anew: 3." in done.stdout
    assert server.present_keys[1:] == [old]
    done = server.run(second)
    assert done.returncode == 0, done.stdout + done.stderr
    [new] = server.present_keys
    assert new != old
    assert secrets_of_all([new], settings) == ["whsec_kept", "https://chat.example.org/kept", "APPSECRET"]


def test_a_key_left_out_too_early_keeps_the_new_containers_from_starting(
    server: KeyChangeServer, settings: object
) -> None:
    first, second = written_down()
    [old] = server.present_keys
    before = "\n".join(line for line in first.splitlines() if "reencrypt" not in line)
    assert server.run(before).returncode == 0
    refused = server.run(second)
    assert refused.returncode != 0
    assert "No key of ENCRYPTION_KEYS opens these secrets: integrations.Webhook.secret: 1" in refused.stderr
    server.keys.chmod(0o644)
    server.keys.write_text("\n".join([*server.present_keys, old]))
    assert server.run(first.splitlines()[-2]).returncode == 0
    assert server.run(first.splitlines()[-1]).returncode == 0
    assert secrets_of_all(server.present_keys[:1], settings)[0] == "whsec_kept"


def test_a_malformed_key_stops_the_start_in_one_sentence(server: KeyChangeServer) -> None:
    server.keys.write_text("no key\n")
    refused = server.run("docker compose up")
    assert refused.returncode != 0
    assert "Key 1 of ENCRYPTION_KEYS is none: a key is 32 bytes" in refused.stderr.splitlines()[-1]
