"""JSON in and out, by orjson."""

from decimal import Decimal
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


class BodyTooLarge(APIException):
    """413."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."
    default_code = "body_too_large"


class JSONParser(BaseParser):
    """Strict JSON of at most API_MAX_BYTES."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: object = None) -> Any:
        """The decoded body. Raises ParseError with the place of the fault, BodyTooLarge."""
        limit = settings.API_MAX_BYTES
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge(f"A request may be at most {limit} bytes long.")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"This is not JSON: {error}") from error


class JSONRenderer(BaseRenderer):
    """JSON with times in UTC."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: object, accepted_media_type: str | None = None, renderer_context: object = None) -> bytes:
        """The bytes; nothing for an empty answer."""
        if isinstance(data, Encoded):
            return data.body
        return b"" if data is None else to_json(data)


class Encoded(dict[str, object]):
    """Data that is written as JSON once, for its tag and for the answer. It is not to be changed after that."""

    def __init__(self, data: dict[str, object]) -> None:
        super().__init__(data)
        self.body = to_json(data)


def to_json(data: object, *, sort: bool = False) -> bytes:
    """JSON bytes: ids and dates as text, times in UTC with a Z, decimals as numbers; `sort` keeps one order."""
    option = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | (orjson.OPT_SORT_KEYS if sort else 0)
    return orjson.dumps(data, default=_plain, option=option)


def _plain(value: object) -> float | str:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
