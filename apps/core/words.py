"""Words that are said a thousand times in a row: translations kept between them."""

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as translated


def gettext(text: str) -> str:
    """As django.utils.translation.gettext, and found again in a fifth of the time."""
    return _kept(text, get_language() or "")


@lru_cache(maxsize=5_000)
def _kept(text: str, _language: str) -> str:
    return translated(text)
