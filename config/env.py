"""Reading settings from the environment."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str = "") -> str:
    """The variable's value, or the content of the file that NAME_FILE names (for secrets from files)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def env_flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes and on; false for the rest; the default where the variable is missing."""
    value = env(name)
    return value.lower() in {"1", "true", "yes", "on"} if value else default


def env_list(name: str) -> list[str]:
    """The comma-separated words of a variable, without blanks."""
    return [word.strip() for word in env(name).split(",") if word.strip()]


def env_days(name: str, default: int) -> int:
    """A number of days, one or more. ImproperlyConfigured for anything else: 0 would delete what is new."""
    value = env(name, str(default))
    if not value.isdecimal() or int(value) < 1:
        raise ImproperlyConfigured(f"{name} must be a number of days, 1 or more; it is “{value}”.")
    return int(value)
