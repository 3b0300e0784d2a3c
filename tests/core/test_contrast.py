"""The colours of static/css/tokens.css against WCAG 2.2: text 4.5 to 1, edges of controls 3 to 1, in both looks."""

import math
import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")
OKLCH = r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)(?: / [\d.]+)?\)"
Colour = tuple[float, float, float]


def pairs() -> dict[str, tuple[Colour, Colour]]:
    """Each token that is one opaque colour a look, as (light, dark) in oklch."""
    found = {}
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((oklch\([^()/]+\)), (oklch\([^()/]+\))\);", TOKENS):
        found[name] = (numbers(light), numbers(dark))
    return found


def numbers(text: str) -> Colour:
    """The three numbers of an oklch() colour."""
    match = re.fullmatch(OKLCH, text)
    assert match, text
    return float(match[1]), float(match[2]), float(match[3])


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2) of an oklch colour, by Ottosson's matrices for OKLab, clipped to sRGB."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(max(part, 0), 1) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """(lighter + 0.05) / (darker + 0.05)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("paper", "surface", "raised", "sunken")
TEXT = [(text, ground) for text in ("ink", "muted", "results", "relations", "on", "risk", "off") for ground in GROUNDS]
TEXT += [("ink", f"{tone}-soft") for tone in ("results", "relations", "on", "risk", "off")]
TEXT += [(tone, f"{tone}-soft") for tone in ("results", "relations", "on", "risk", "off")]
TEXT += [
    ("muted", "results-soft"),
    ("muted", "relations-soft"),
    ("paper", "ink"),
    ("surface", "off"),
    ("surface", "results"),
]
TEXT += [("surface", "relations")]
SHAPES = [(shape, ground) for shape in ("edge", "results", "relations", "on", "risk", "off") for ground in GROUNDS[:3]]


def test_contrast_is_computed_as_wcag_does():
    assert contrast((0, 0, 0), (1, 0, 0)) == pytest.approx(21, abs=0.01)
    assert contrast((0.5, 0.1, 200), (0.5, 0.1, 200)) == 1


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_is_readable(text: str, ground: str, look: int):
    colours = pairs()
    assert contrast(colours[text][look], colours[ground][look]) >= 4.5


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_are_visible(shape: str, ground: str, look: int):
    colours = pairs()
    assert contrast(colours[shape][look], colours[ground][look]) >= 3


def test_initials_are_readable_on_every_hue():
    found = re.search(
        r"--face: light-dark\(oklch\(([\d.]+) ([\d.]+) var\(--hue\)\), oklch\(([\d.]+) ([\d.]+) var", TOKENS
    )
    hues = re.findall(r"\.hue-\d+ \{ --hue: (\d+); \}", TOKENS)
    assert found
    assert len(hues) == 12
    for hue in hues:
        for lightness, chroma in ((found[1], found[2]), (found[3], found[4])):
            assert contrast((1, 0, 0), (float(lightness), float(chroma), float(hue))) >= 4.5


def test_only_tokens_name_colours():
    for path in CSS.glob("*.css"):
        if path.name in {"tokens.css", "print.css"}:
            continue
        text = path.read_text(encoding="utf-8")
        rest = text.replace("light-dark(oklch(0.25 0.02 260 / 0.32), oklch(0.1 0.01 255 / 0.6))", "")
        assert not re.search(r"oklch\(\d|rgb\(|hsl\(|:\s*#[0-9a-f]{3,8}\b", rest), path.name
