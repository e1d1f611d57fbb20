"""Cells: which plain calls are alike in everything that decides what a policy does to them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from costsim.policies.as_logged import OF_MODEL
from costsim.policies.attempts import Attempts, Ints
from costsim.policies.columns import Bools, Columns, one_of_each, renumbered
from costsim.policies.conditions import Comparison, Conditions, compile
from costsim.policies.policy import Policy, conditions_of
from costsim.prices import TIERS
from costsim.replay import eligible
from costsim.replay.cells.bounds import eras
from costsim.replay.failures import failed
from costsim.replay.telling import tells

OF_WORK, _MORE = ("task", "complexity"), ("operation", "modalities", "tokens_basis")
WORDS = (*OF_MODEL, *OF_WORK, *_MORE)
"""Columns of words that are the same for all calls of a cell; so are those of which conditions are asked."""
_FLAGS = ("has_tools", "wants_json")
assert {*eligible.COLUMNS} <= {*WORDS, *_FLAGS}

_MANY = 1 << 16
"""More numbers than this are made fewer before they are multiplied."""
_BITS_OF_KEYS, _SHORT = 32, 1 << 16
_BITS = 8
"""Answers, yes or no, that are put into one number: of a byte, which is an eighth of the memory of other numbers."""

Code = tuple[Any, int]
"""A number for each call, and how many there may be."""


class Cells(msgspec.Struct, frozen=True):
    """Cells of the calls of a batch."""

    which: Ints
    """The cell of each call."""
    first: Ints
    """The row of one call of each cell."""

    def __len__(self) -> int:
        return len(self.first)

    def order(self) -> tuple[Ints, Ints]:
        """Return the order of the calls by their cells, as rows, and how many calls each cell has."""
        calls = np.bincount(self.which, minlength=len(self))
        shift = len(self.which).bit_length()
        if len(self).bit_length() + shift > _BITS_OF_KEYS:
            # short numbers are sorted digit by digit, others merged
            short = self.which.astype(np.uint16) if len(self) <= _SHORT else self.which
            return np.argsort(short, kind="stable"), calls
        keys = self.which.astype(np.uint32)  # cell and row in one number: sorted in half of the time of an argsort
        keys <<= np.uint32(shift)
        keys |= np.arange(len(keys), dtype=np.uint32)
        keys.sort()
        keys &= np.uint32((1 << shift) - 1)
        return keys.astype(np.int64), calls


def numbered(codes: Iterable[Code]) -> Cells:
    """Return the cells of the calls of a batch that are alike in all of some numbers, in the order of these numbers."""
    distinct, which = renumbered(*_crossed(codes))
    return Cells(which, one_of_each(which, len(distinct)))


def _crossed(codes: Iterable[Code]) -> tuple[Ints, int]:
    """One number for each call for all of its numbers."""
    found, most = np.zeros(0, np.int64), 0
    for numbers, size in _packed(codes):
        if not most:
            found, most = numbers.astype(np.int64), size
        elif size > 1:
            found *= size
            found += numbers
            most *= size
        if most > _MANY:
            distinct, found = renumbered(found, most)
            most = len(distinct)
    return found, most


def _packed(codes: Iterable[Code]) -> Iterator[Code]:
    """The same codes, with those of yes and no put into one number, as far as it holds them, after the others."""
    flags: list[Bools] = []
    for numbers, size in codes:
        if size == 2 and numbers.dtype == np.bool_:
            flags.append(numbers)
        else:
            yield numbers, size
    for start in range(0, len(flags), _BITS):
        some = flags[start : start + _BITS]
        yield np.bitwise_or.reduce([flag.view(np.uint8) << place for place, flag in enumerate(some)]), 1 << len(some)


def codes(
    columns: Columns, attempts: Attempts, policies: Sequence[Policy], changes: Iterable[int], *, told: bool = False
) -> Iterable[Code]:
    """Yield what must be the same for all calls of a cell under these policies; `attempts` are the calls.

    `told`: all calls of a cell shall tell something of their model, or none.
    """
    usage = attempts.usage
    which, first = columns.different(*OF_MODEL, *OF_WORK)
    yield which, len(first)
    if usage.tier.any():
        yield usage.tier, len(TIERS) + 1
    for name in _MORE:
        if columns.varies(name):
            numbers, labels = columns.word(name)
            yield numbers, len(labels)
    for name in _FLAGS:
        if columns.calls.column(name).null_count < len(columns):
            yield columns.flag(name), 2
    yield eras(usage.at, changes)
    if (undated := columns.undated()).any():
        yield undated, 2
    if any(rule.route.cascade for policy in policies for rule in policy.rules):
        yield failed(columns), 2
    if told:
        yield tells(columns, attempts), 2
    yield from _asked(columns, policies)


def _asked(columns: Columns, policies: Sequence[Policy]) -> Iterable[Code]:
    """The answer of each call to every condition of the policies."""
    conditions = [each for policy in policies for each in _conditions(policy)]
    for test in _different(test for each in conditions for test in each.tests if test.column not in WORDS):
        yield test.holds(columns), 2
    for share in sorted({each.share for each in conditions if each.share < 1}):
        yield columns.place() < share, 2


def _conditions(policy: Policy) -> Iterable[Conditions]:
    yield from (rule.conditions for rule in policy.rules)
    for levers in policy.all_levers():
        yield from map(compile, conditions_of(levers))


def _different(tests: Iterable[Comparison]) -> list[Comparison]:
    found: list[Comparison] = []
    for test in tests:
        if test not in found:
            found.append(test)
    return found
