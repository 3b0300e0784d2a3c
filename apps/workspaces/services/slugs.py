"""The address of a workspace from its name, whatever script it is written in."""
# ruff: noqa: RUF001 - letters that look like others are what this is about

import unicodedata
from collections.abc import Collection

from django.utils.text import slugify

LONGEST = 50
FALLBACK = "workspace"

# Latin letters that Unicode does not take apart, and the scripts next to Latin, as passports write them.
_LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ŋ": "n"}
_CYRILLIC_LETTERS = "абвгґдеєжзиійклмнопрстуфхцчшщыэюяёїўьъ"
_CYRILLIC_AS = "a,b,v,g,g,d,e,ie,zh,z,i,i,i,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,shch,y,e,iu,ia,e,i,u,,"
_CYRILLIC = dict(zip(_CYRILLIC_LETTERS, _CYRILLIC_AS.split(","), strict=True))
_GREEK_LETTERS = "αβγδεζηθικλμνξοπρσςτυφχψω"
_GREEK_AS = "a,v,g,d,e,z,i,th,i,k,l,m,n,x,o,p,r,s,s,t,y,f,ch,ps,o"
_GREEK = dict(zip(_GREEK_LETTERS, _GREEK_AS.split(","), strict=True))
_LETTERS = str.maketrans(_LATIN | _CYRILLIC | _GREEK)


def readable_slug(name: str) -> str:
    """Lower-case Latin letters, digits and hyphens, at most LONGEST; "workspace" where nothing of the name can be
    written so.
    """
    lower = unicodedata.normalize("NFKC", name).lower()
    latin = "".join(_without_marks(character).translate(_LETTERS) for character in lower)
    return slugify(latin)[:LONGEST].strip("-_") or FALLBACK


def _without_marks(character: str) -> str:
    """The letter without its accent, but й and its like stay letters of their own."""
    if character in _CYRILLIC:
        return character
    return "".join(part for part in unicodedata.normalize("NFD", character) if not unicodedata.combining(part))


def numbered(base: str, taken: Collection[str]) -> str:
    """The base, or the first of base-2, base-3 … that is free."""
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
