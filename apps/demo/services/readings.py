"""What was measured: the readings written down with a key result, or a believable way from its start to its end."""

import random
from decimal import Decimal

from apps.demo.services.story.shapes import MILESTONE, Measure

WAYS = (0.7, 1.0, 1.5)
NOISE = 0.035


def readings_of(measure: Measure, count: int, chance: random.Random) -> list[Decimal | None]:
    """One value a check-in, None where nothing was measured that day."""
    if measure.kind == MILESTONE:
        return [
            Decimal(int(measure.done_at is not None and number >= measure.done_at)) for number in range(1, count + 1)
        ]
    if measure.end is None:
        written = [None if value is None else Decimal(str(value)) for value in measure.readings]
        return [*written, *([None] * (count - len(written)))]
    return [Decimal(str(value)) for value in _way(measure, measure.end, count, chance)]


def _way(measure: Measure, end: float, count: int, chance: random.Random) -> list[float]:
    """From start to end: early, even or late, never quite straight, and at the end exactly there."""
    bend = chance.choice(WAYS)
    places = max(_places(measure.start), _places(measure.target), _places(end))
    values = []
    for number in range(1, count):
        share = (number / count) ** bend + chance.uniform(-NOISE, NOISE)
        values.append(round(measure.start + (end - measure.start) * max(0.0, min(1.0, share)), places))
    return [*values, end]


def _places(value: float) -> int:
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -int(exponent))
