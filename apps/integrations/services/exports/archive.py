"""The archive: a zip that is written in one go, piece by piece, without ever being whole in memory or on a disk.

Each resource is one file of JSON, in the API's own shape, and one of CSV with the same rows. A zip takes one file at a
time, so the CSV waits compressed in a temporary file until the JSON beside it is written.
"""

import csv
import gzip
import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, Self

import orjson

from apps.core.parsers import to_json
from apps.integrations.models import safe_cell

PIECE = 512 * 1024
COPIED_AT_ONCE = 64 * 1024
ONLY_FOR_ITS_OWNER = 0o600 << 16


class Pieces:
    """A file that can only be written to: hands it on in pieces of PIECE bytes; after an error nothing."""

    def __init__(self, store: Callable[[bytes], None]) -> None:
        self.store = store
        self.size = 0
        self._waiting = bytearray()

    def write(self, content: bytes) -> int:
        """Take some bytes."""
        self.size += len(content)
        self._waiting += content
        while len(self._waiting) >= PIECE:
            self.store(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]
        return len(content)

    def flush(self) -> None:
        """Zip files flush after each file; the pieces wait until they are full."""

    def close(self) -> None:
        """Hand on the rest."""
        if self._waiting:
            self.store(bytes(self._waiting))
        self._waiting.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self.close()
        self.store = lambda _content: None  # a broken zip writes its end when it is collected


class Archive:
    """A zip that is being written."""

    def __init__(self, pieces: Pieces, *, at: datetime) -> None:
        self._at = at
        self._zip = zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED)

    @contextmanager
    def _file(self, name: str) -> Iterator[IO[bytes]]:
        entry = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, ONLY_FOR_ITS_OWNER
        with self._zip.open(entry, "w", force_zip64=True) as file:
            yield file

    def text(self, name: str, words: str) -> None:
        """Add a file of text."""
        with self._file(name) as file:
            file.write(words.encode())

    def rows(self, name: str, columns: list[str], batches: Iterable[list[dict[str, Any]]]) -> int:
        """Add name.json and name.csv of the rows; how many there were."""
        count = 0
        with tempfile.TemporaryFile() as spool:
            with (
                self._file(f"{name}.json") as file,
                gzip.open(spool, "wb", compresslevel=1) as packed,
                io.TextIOWrapper(packed, encoding="utf-8-sig", newline="") as table,
            ):
                writer = csv.writer(table)
                writer.writerow(columns)
                file.write(b'{"results":[')
                for batch in batches:
                    for row in batch:
                        content = to_json(row)
                        file.write(b",\n" + content if count else b"\n" + content)
                        writer.writerow(cells(orjson.loads(content), columns))
                        count += 1
                file.write(b"\n]}\n")
            spool.seek(0)
            with self._file(f"{name}.csv") as file, gzip.open(spool, "rb") as packed:
                shutil.copyfileobj(packed, file, COPIED_AT_ONCE)
        return count

    def close(self) -> None:
        """Write the zip's end."""
        self._zip.close()


def cells(row: dict[str, object], columns: list[str]) -> list[str]:
    """A row as the API answers it, as cells that no spreadsheet takes for formulas."""
    return [safe_cell(_text(row[name])) for name in columns]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case list() if all(isinstance(each, str) and ";" not in each for each in value):
            return "; ".join(value)
        case _:
            return to_json(value).decode()
