"""The names of the demo's cycles."""

from datetime import date

SEASONS = ("Winter", "Spring", "Summer", "Autumn")


def season_names(middle: date, count: int) -> list[str]:
    """The running cycle's season and year, then those before it; “Winter 2025/26” lies between two years."""
    season, year = (middle.month % 12) // 3, middle.year + (middle.month == 12)  # noqa: PLR2004 - December is winter's
    names = []
    for _cycle in range(count):
        names.append(f"{SEASONS[season]} {year}" if season else f"Winter {year - 1}/{year % 100:02}")
        season, year = (season - 1) % 4, year - (season == 0)
    return names


def name_after(name: str) -> str:
    """The season that follows."""
    season, year = name.split(" ")
    number = SEASONS.index(season)
    if season == "Winter":
        return f"Spring {int(year[:4]) + 1}"
    if season == "Autumn":
        return f"Winter {year}/{(int(year) + 1) % 100:02}"
    return f"{SEASONS[number + 1]} {year}"
