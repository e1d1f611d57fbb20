"""The signals and their weights, read from the data files: what each finding adds for each task.

All tasks are scored by one addition: the weights of a signal for the 14 tasks, and for complexity, stand in lanes of 32
bits of one integer, so that adding two integers adds all lanes. A bias keeps every lane positive.
"""

import struct
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec

from costsim.decode import parse_yaml
from costsim.errors import ConfigError, nearest
from costsim.tasks.labels import TASKS, UNKNOWN
from costsim.tasks.reading import Reader

LABELS = tuple(task for task in TASKS if task != UNKNOWN)
LANES = len(LABELS) + 1
"""A lane for each task, and the last for complexity."""

SCALE = 1024
"""Points are kept as whole 1/1024: integers add up the same in every order."""

_ZERO = sum((1 << 31) << (32 * lane) for lane in range(LANES))
_UNPACK = struct.Struct(f"<{LANES}I").unpack


class Signal(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"points": "for"}):
    """One row of signals.yaml: the words to look for, and what finding them speaks for."""

    points: dict[str, float]
    hard: float = 0.0
    means: str = ""
    opens: str = ""
    says: str = ""


class SignalFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """signals.yaml."""

    signals: dict[str, Signal]
    facts: dict[str, Signal]


class Fitted(msgspec.Struct, frozen=True):
    """weights.json: what scripts/fit_tasks.py found; an absent signal keeps its points of signals.yaml."""

    bias: tuple[float, ...] = ()
    weights: dict[str, tuple[float, ...]] = {}
    margins: tuple[float, ...] = (0.0, 6.0)
    """Lead of the best task over the runner-up, in points, rising ..."""
    shares: tuple[float, ...] = (0.2, 0.95)
    """... and the share of right guesses at that lead, on sources left out."""


class Model(msgspec.Struct, frozen=True):
    """Everything that guessing needs: names, the reader of texts, and the packed points."""

    names: tuple[str, ...]
    facts: dict[str, int]
    reader: Reader
    points: tuple[tuple[float, ...], ...]
    """Per signal, the points of each lane."""
    bias: tuple[float, ...]
    fitted: Fitted

    def packed(self, share: float) -> list[int]:
        """Return each signal's points times `share`, all lanes in one integer."""
        return [pack(row, share) for row in self.points]


def pack(row: Iterable[float], share: float = 1.0) -> int:
    """Return points, one per lane, as one integer that can be added to others."""
    return sum(round(points * share * SCALE) << (32 * lane) for lane, points in enumerate(row))


def unpack(total: int) -> tuple[int, ...]:
    """Return the lanes of a sum of packed points, each raised by 2^31."""
    return _UNPACK((total + _ZERO).to_bytes(4 * LANES, "little"))


def split(words: str) -> list[str]:
    """Return the entries of a `|`-separated list of words."""
    return [word.strip() for word in words.split("|") if word.strip()]


def build(rows: SignalFile, fitted: Fitted) -> Model:
    """Return the model of these signals, with fitted weights where there are some."""
    named = {**rows.signals, **rows.facts}
    names = tuple(named)
    number = {name: index for index, name in enumerate(names)}
    reader = Reader(
        opens={number[name]: split(row.opens) for name, row in rows.signals.items()},
        says={number[name]: split(row.says) for name, row in rows.signals.items()},
    )
    return Model(
        names=names,
        facts={name: number[name] for name in rows.facts},
        reader=reader,
        points=tuple(tuple(fitted.weights.get(name) or _by_hand(name, row)) for name, row in named.items()),
        bias=tuple(fitted.bias or [0.0] * LANES),
        fitted=fitted,
    )


def _by_hand(name: str, row: Signal) -> list[float]:
    """The points of signals.yaml in the order of the lanes."""
    for task in row.points:
        if task not in LABELS:
            raise ConfigError(f"signal '{name}' speaks for '{task}'", hint=nearest(task, LABELS))
    return [row.points.get(task, 0.0) for task in LABELS] + [row.hard]


def read_signals() -> SignalFile:
    """Return the rows of signals.yaml as shipped."""
    return parse_yaml(_shipped("signals.yaml"), SignalFile, name="signals.yaml")


def read_fitted() -> Fitted:
    """Return the weights as shipped."""
    return msgspec.json.decode(_shipped("weights.json"), type=Fitted)


@cache
def shipped() -> Model:
    """Return the model that ships with the package; built once per process."""
    return build(read_signals(), read_fitted())


def _shipped(name: str) -> str:
    return files("costsim.tasks").joinpath(name).read_text(encoding="utf-8")
