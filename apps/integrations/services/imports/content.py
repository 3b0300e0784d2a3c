"""The uploaded file, read from the database in pieces."""

import codecs
import io
from typing import TYPE_CHECKING, TextIO
from uuid import UUID

from django.db.models import BinaryField, F, Func, Value

from apps.integrations.models import ImportJob

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 512 * 1024
START = 2_000


class Content:
    """An import's file."""

    def __init__(self, job_id: UUID) -> None:
        self.job = ImportJob.objects.filter(pk=job_id)

    def start(self) -> bytes:
        """Its first bytes."""
        return self.read(0, START)

    def read(self, place: int, size: int) -> bytes:
        """At most `size` bytes from a place on; none at the end."""
        piece = Func(F("content"), Value(place + 1), Value(size), function="SUBSTRING", output_field=BinaryField())
        return bytes(self.job.values_list(piece, flat=True).get())

    def wrong_byte(self, encoding: str) -> int | None:
        """The place of the first byte that is no text in this encoding; None where all are."""
        decoder, place = codecs.getincrementaldecoder(encoding)(), 0
        while True:
            piece = self.read(place, PIECE)
            waiting = len(decoder.getstate()[0])
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                return place - waiting + error.start
            if not piece:
                return None
            place += len(piece)

    def text(self, encoding: str, errors: str = "strict") -> TextIO:
        """Its text, line ends as they are."""
        return io.TextIOWrapper(io.BufferedReader(_UploadedBytes(self), PIECE), encoding, errors, newline="")


class _UploadedBytes(io.RawIOBase):
    """The content as a stream."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self.content, self.place = content, 0

    def readable(self) -> bool:
        """It is there to be read from its beginning to its end."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer from the next place on; how many bytes came, none at the end."""
        view = memoryview(buffer).cast("B")
        piece = self.content.read(self.place, len(view))
        view[: len(piece)] = piece
        self.place += len(piece)
        return len(piece)
