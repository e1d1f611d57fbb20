"""Cost or use of the strong model against quality: the curve through measured points, as papers on routing draw it.

Between two policies any mix can be had by drawing lots, so the curve is the upper hull of the points; and more money
never has to buy worse answers, so it does not fall.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

Point = tuple[float, float]
"""What it takes, and what it gives."""


def hull(points: Iterable[Point]) -> list[Point]:
    """Return the corners of the upper hull from left to right, without those that give less than one before them."""
    found: list[Point] = []
    for point in sorted(set(points)):
        if found and point[1] <= found[-1][1]:
            continue
        while found and (found[-1][0] == point[0] or (len(found) > 1 and not _bends_down(found[-2], found[-1], point))):
            found.pop()
        found.append(point)
    return found


def _bends_down(one: Point, corner: Point, other: Point) -> bool:
    return (corner[1] - one[1]) * (other[0] - corner[0]) > (other[1] - corner[1]) * (corner[0] - one[0])


def mean(corners: Sequence[Point], low: float, high: float) -> float:
    """Return the mean height of the curve between two places, `low` below `high`; level before and after its ends."""
    marks = sorted({low, high, *(x for x, _ in corners if low < x < high)})
    area = sum((right - left) * (height(corners, left) + height(corners, right)) / 2 for left, right in pairwise(marks))
    return area / (high - low)


def height(corners: Sequence[Point], x: float) -> float:
    """Return the height of the curve at a place."""
    if x <= corners[0][0]:
        return corners[0][1]
    for (left, low), (right, high) in pairwise(corners):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return corners[-1][1]


def reached(corners: Sequence[Point], y: float) -> float | None:
    """Return the first place at which the curve is so high; None where it never is."""
    if y <= corners[0][1]:
        return corners[0][0]
    for (left, low), (right, high) in pairwise(corners):
        if y <= high:
            return left + (right - left) * (y - low) / (high - low)
    return None
