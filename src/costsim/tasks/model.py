"""The signals and their points, read from the data files: what each finding adds for each task.

All tasks are scored by one addition: the points of a signal for the 14 tasks, and for complexity, stand in
lanes of 16 bits of one integer, so that adding two integers adds all lanes.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from costsim.decode import parse_yaml
from costsim.errors import ConfigError, nearest
from costsim.tasks.facts import FACTS
from costsim.tasks.labels import TASKS, UNKNOWN
from costsim.tasks.reading import ANYWHERE, ASK, CHOICE, COMMAND, FIRST_WORDS, Reader

LABELS = tuple(task for task in TASKS if task != UNKNOWN)
LANES = len(LABELS) + 1
"""A lane for each task, and the last for complexity; a user's own task types have lanes before the last."""

SCALE = 128
"""Points are kept as whole 1/128: integers add up the same in every order, and a lane holds 256 points."""

HALF = 1 << 15
"""Added to every lane of a sum, so that none is negative when the lanes are taken apart."""


class Signal(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"points": "for", "place": "in"}):
    """One row of signals.yaml: the words to look for, and what finding them speaks for."""

    points: dict[str, float]
    hard: float = 0.0
    means: str = ""
    place: Literal["user", "system", "both"] = "both"
    commands: str = ""
    asks: str = ""
    first: str = ""
    choices: str = ""
    says: str = ""

    def entries(self, number: int) -> Iterator[tuple[str, int, int]]:
        """The words to look for, each with this signal's number and how it must stand."""
        kinds = (
            (self.commands, COMMAND),
            (self.asks, ASK),
            (self.first, FIRST_WORDS),
            (self.choices, CHOICE),
            (self.says, ANYWHERE),
        )
        for words, manner in kinds:
            yield from ((word.strip(), number, manner) for word in words.split("|") if word.strip())

    def lanes(self, name: str, labels: Sequence[str] = LABELS) -> tuple[float, ...]:
        """The points in the order of the lanes; a ConfigError for a task that is none."""
        for task in self.points:
            if task not in labels:
                raise ConfigError(f"signal '{name}' speaks for '{task}'", hint=nearest(task, labels))
        return (*(self.points.get(task, 0.0) for task in labels), self.hard)


class OwnType(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"place": "in"}):
    """A task type of the user's, with the words that speak for it, written as in signals.yaml."""

    means: str = ""
    like: str = UNKNOWN
    """The shipped task whose complexity it has, all else being equal."""
    weight: float = 6.0
    """Points for finding any of the words; a shipped command has 5."""
    place: Literal["user", "system", "both"] = "both"
    commands: str = ""
    asks: str = ""
    first: str = ""
    says: str = ""

    def signal(self, name: str) -> Signal:
        """The row of signals.yaml that this type of that name stands for."""
        return Signal(
            {name: self.weight}, 0.0, self.means, self.place, self.commands, self.asks, self.first, says=self.says
        )


Words = dict[str, dict[str, float]]
"""words.json: per everyday word, the points for each task."""


class SignalFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """signals.yaml."""

    signals: dict[str, Signal]
    facts: dict[str, Signal]


class Fitted(msgspec.Struct, frozen=True):
    """weights.json: where fitting moved the points of signals.yaml, and how sure a lead makes."""

    bias: dict[str, float] = {}
    """Per task, points that every request has."""
    points: dict[str, dict[str, float]] = {}
    """Per signal and task, the fitted points that differ from the stated ones."""
    slope: float = 0.6
    level: float = 0.0
    """Confidence is 1 / (1 + exp(-(level + slope * lead))), the lead being the best task's over the next."""

    def lanes(self, name: str, stated: tuple[float, ...], labels: Sequence[str]) -> tuple[float, ...]:
        """The points of a signal in the order of the lanes, from the `stated` ones."""
        moved = self.points.get(name, {})
        points = (moved.get(task, point) for task, point in zip(labels, stated, strict=False))
        return (*points, stated[-1])


class Model(msgspec.Struct, frozen=True):
    """Everything that guessing needs: the signals in order, facts after words, and the reader of texts."""

    labels: tuple[str, ...]
    """The task of each lane but the last: the shipped ones, then the user's."""
    names: tuple[str, ...]
    places: tuple[str, ...]
    by_hand: tuple[tuple[float, ...], ...]
    points: tuple[tuple[float, ...], ...]
    """Per signal the points of each lane: as signals.yaml states them, and as fitted."""
    bias: tuple[float, ...]
    first_fact: int
    """The number of the signal that is FACTS[0]."""
    words: dict[bytes, int]
    """The everyday words, each with its number; they follow the facts."""
    reader: Reader
    fitted: Fitted


def build(
    rows: SignalFile, fitted: Fitted, own: Mapping[str, OwnType] | None = None, words: Words | None = None
) -> Model:
    """Return the model of these signals, with fitted weights where there are some, and with the user's own types."""
    if set(rows.facts) != set(FACTS):
        wrong = sorted(set(rows.facts) ^ set(FACTS))
        raise ConfigError(f"facts of signals.yaml and of the code differ: {', '.join(wrong)}")
    labels = (*LABELS, *(own or {}))
    sought = rows.signals | {f"words of {name}": kind.signal(name) for name, kind in (own or {}).items()}
    named = {**sought, **{name: rows.facts[name] for name in FACTS}}
    everyday = {f"the word '{word}'": Signal(points, place="user") for word, points in (words or {}).items()}
    numbers = {word.encode(): len(named) + number for number, word in enumerate(words or {})}
    named |= everyday
    by_hand = tuple(row.lanes(name, labels) for name, row in named.items())
    return Model(
        labels=labels,
        names=tuple(named),
        places=tuple(row.place for row in named.values()),
        by_hand=by_hand,
        points=tuple(fitted.lanes(name, hand, labels) for name, hand in zip(named, by_hand, strict=True)),
        bias=(*(fitted.bias.get(task, 0.0) for task in labels), 0.0),
        first_fact=len(sought),
        words=numbers,
        reader=Reader(entry for number, row in enumerate(sought.values()) for entry in row.entries(number)),
        fitted=fitted,
    )


def pack(points: Iterable[float], share: float = 1.0) -> int:
    """Return points, one per lane, as one integer that can be added to others."""
    return sum(round(point * share * SCALE) << (16 * lane) for lane, point in enumerate(points))


def unpack(total: int, lanes: int = LANES) -> tuple[int, ...]:
    """Return the lanes of a sum of packed points; each stands HALF above its value."""
    halves, apart = _unpacking(lanes)
    return apart.unpack((total + halves).to_bytes(2 * lanes, "little"))


@cache
def _unpacking(lanes: int) -> tuple[int, struct.Struct]:
    """HALF in every lane, and what takes so many lanes apart."""
    return sum(HALF << (16 * lane) for lane in range(lanes)), struct.Struct(f"<{lanes}H")


def read_signals() -> SignalFile:
    """Return the rows of signals.yaml as shipped."""
    return parse_yaml(shipped_text("signals.yaml"), SignalFile, name="signals.yaml")


def read_fitted() -> Fitted:
    """Return the fitted points as shipped."""
    return msgspec.json.decode(shipped_text("weights.json"), type=Fitted)


def read_words() -> Words:
    """Return the everyday words as shipped."""
    return msgspec.json.decode(shipped_text("words.json"), type=Words)


@cache
def shipped() -> Model:
    """Return the model that ships with the package; built once per process."""
    return build(read_signals(), read_fitted(), words=read_words())


def shipped_text(name: str) -> str:
    """Return a data file of this package."""
    return files("costsim.tasks").joinpath(name).read_text(encoding="utf-8")
