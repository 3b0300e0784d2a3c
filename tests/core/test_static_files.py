"""Static files of the last release stay served, and those of the next one are served before it is."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from apps.core.static_files import StaticFilesMiddleware, keep_static

ELSEWHERE = 418
Serve = Callable[[str], HttpResponse]


def release(folder: Path, **files: str) -> Path:
    """What collectstatic leaves: hashed files, some of them compressed, too, and the manifest."""
    names = {}
    for number, (name, text) in enumerate(files.items()):
        digest = f"{abs(hash(text)):012x}"[-12:]
        names[f"css/{name}.css"] = hashed = f"css/{name}.{digest}.css"
        path = folder / hashed
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if number == 0:
            path.with_name(f"{path.name}.br").write_text(text[:4])
    (folder / "staticfiles.json").write_text(json.dumps({"paths": names, "version": "1.1"}))
    return folder


def names_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in (folder / "css").iterdir()}


@pytest.fixture
def kept(tmp_path: Path, settings: Settings) -> Path:
    """The folder that releases share."""
    settings.KEPT_STATIC_DIR = str(tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture
def serve(kept: Path, tmp_path: Path, settings: Settings) -> Serve:
    """A server of a release that has no files of its own, started before any was kept."""
    (tmp_path / "own").mkdir()
    settings.STATIC_ROOT, settings.DEBUG = str(tmp_path / "own"), False

    def elsewhere(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=ELSEWHERE)

    middleware = StaticFilesMiddleware(elsewhere)
    return lambda path: middleware(RequestFactory(headers={"Accept-Encoding": "br"}).get(path))


def test_files_of_another_release_are_served_compressed_and_for_ever(serve: Serve, kept: Path, tmp_path: Path) -> None:
    other = release(tmp_path / "other", base="body {}")
    [path] = [f"/static/{name}" for name in names_of(other) if name.endswith(".css")]
    assert serve(path).status_code == ELSEWHERE
    keep_static(other, kept)
    answer = serve(path)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"body"  # type: ignore[attr-defined]
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    answer.file_to_stream.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path",
    [
        "/static/.releases/x.json",
        "/static/../secret.0123456789ab.css",
        "/static/css/../../secret.0123456789ab.css",
        "/static//etc/secret.0123456789ab.css",
        "/elsewhere/secret.0123456789ab.css",
        "/static/css/plain.css",
    ],
)
def test_nothing_else_is_served(path: str, serve: Serve, kept: Path, tmp_path: Path) -> None:
    keep_static(release(tmp_path / "other", base="body {}"), kept)
    (tmp_path / "secret.0123456789ab.css").touch()
    (kept / "css" / "plain.css").touch()
    assert serve(path).status_code == ELSEWHERE


def test_files_of_the_last_three_releases_stay(kept: Path, tmp_path: Path) -> None:
    releases = [release(tmp_path / str(number), base=f"/* {number} */", same="a {}") for number in range(4)]
    for number, each in enumerate(releases[:3]):
        assert keep_static(each, kept) == (3 if number == 0 else 2, 0)
        for listed in (kept / ".releases").iterdir():
            if listed.stat().st_mtime > 1_000:
                os.utime(listed, (number, number))
    assert names_of(kept) == set().union(*map(names_of, releases[:3]))
    assert keep_static(releases[0], kept) == (0, 0), "back to an earlier one"
    assert keep_static(releases[3], kept) == (2, 2)
    assert names_of(kept) == set().union(*map(names_of, [releases[0], *releases[2:]]))


def test_command_says_what_is_missing(settings: Settings, kept: Path, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path / "own")
    with pytest.raises(CommandError, match="Run collectstatic first"):
        call_command("keep_static")
    settings.KEPT_STATIC_DIR = ""
    with pytest.raises(CommandError, match="Set KEPT_STATIC_DIR"):
        call_command("keep_static")
