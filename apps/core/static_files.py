"""Static files of more than one release: while one takes over from another, pages of both are open in browsers.

The names of files carry a hash of what is in them, so those of all releases can lie side by side in one folder.
"""

import json
import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

HASHED = re.compile(r"/[^/]+\.[0-9a-f]{12}(\.[\w-]+)+$")
RELEASES_KEPT = 3
LISTS = ".releases"
COMPRESSED = ("", ".gz", ".br")


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, which finds files of other releases in KEPT_STATIC_DIR, also those that came after it started."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        if settings.KEPT_STATIC_DIR:
            root = str(Path(settings.KEPT_STATIC_DIR).resolve())
            self.directories.append((f"{root}/", self.static_prefix))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path not in self.files and path.startswith(self.static_prefix) and HASHED.search(path):
            found = self.find_file(path)
            if found is not None:
                self.files[path] = found
        response: HttpResponse = super().__call__(request)
        return response

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether browsers may keep a file for ever."""
        kept = settings.KEPT_STATIC_DIR and Path(path).is_relative_to(Path(settings.KEPT_STATIC_DIR).resolve())
        return bool(kept) or bool(super().immutable_file_test(path, url))


def keep_static(own: Path, kept: Path) -> tuple[int, int]:
    """Put a release's collected files beside those of the releases before, and forget those of the fourth last.

    Returns how many files were put there and how many taken away. FileNotFoundError where nothing was collected.
    """
    manifest = (own / "staticfiles.json").read_bytes()
    names = sorted(set(json.loads(manifest)["paths"].values()))
    (kept / LISTS).mkdir(parents=True, exist_ok=True)
    put = sum(_put(own / f"{name}{end}", kept / f"{name}{end}") for name in names for end in COMPRESSED)
    listed = kept / LISTS / f"{sha256(manifest).hexdigest()[:16]}.json"
    listed.write_text(json.dumps(names), encoding="utf-8")
    return put, _forget(kept)


def _put(source: Path, target: Path) -> bool:
    """Copy in one step, so that nobody is served half a file."""
    if target.exists() or not source.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, half)
    half.replace(target)
    return True


def _forget(kept: Path) -> int:
    """Take away what only releases need that were before the last three."""
    lists = sorted((kept / LISTS).glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    needed = {name for path in lists[:RELEASES_KEPT] for name in json.loads(path.read_text(encoding="utf-8"))}
    for path in lists[RELEASES_KEPT:]:
        path.unlink()
    files = [path for path in kept.rglob("*") if path.is_file() and LISTS not in path.relative_to(kept).parts]
    left = [path for path in files if re.sub(r"\.(gz|br)$", "", str(path.relative_to(kept))) not in needed]
    for path in left:
        path.unlink()
    return len(left)
