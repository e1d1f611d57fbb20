"""Shorter prompts and answers: what is left of each count when parts of a call are cut to a share of their length."""

from typing import NamedTuple

import msgspec
import numpy as np

from costsim.policies.levers.grouping import Bools, Ints

_MILLION = 1_000_000


class Shares(NamedTuple):
    """What is left of each part, from 0 to 1."""

    system: float = 1.0
    history: float = 1.0
    user: float = 1.0
    tool: float = 1.0
    output: float = 1.0


class Tokens(msgspec.Struct, frozen=True):
    """Counts of many calls, of one length; below 0 where not known.

    The four parts add up to the input.
    """

    input: Ints
    output: Ints
    reasoning: Ints
    cache_read: Ints
    cache_write: Ints
    cache_write_1h: Ints
    system: Ints
    history: Ints
    user: Ints
    tool: Ints
    fixed: Ints
    """Audio and images, which cannot be shortened; a part of the user's."""


class Trimmed(NamedTuple):
    """Counts after trimming; below 0 where they were."""

    input: Ints
    output: Ints
    reasoning: Ints
    cache_read: Ints
    cache_write: Ints
    cache_write_1h: Ints


def trim(tokens: Tokens, shares: Shares) -> Trimmed:
    """Return what is left; a call whose parts are not known keeps its input.

    Each part is its share to the nearest token. What was read from a cache or written is the beginning of the prompt,
    and shrinks as the parts do that it is made of: system, then history and tools, then the user's.
    """
    ends = _Ends(tokens, shares)
    read, write = np.maximum(tokens.cache_read, 0), np.maximum(tokens.cache_write, 0)
    new_read = ends.moved(read)
    new_write = ends.moved(read + write) - new_read
    output = _share(tokens.output, shares.output)
    return Trimmed(
        input=np.where(tokens.input < 0, tokens.input, ends.new[-1]),
        output=output,
        reasoning=_part(tokens.reasoning, output, tokens.output),
        cache_read=np.where(tokens.cache_read < 0, tokens.cache_read, new_read),
        cache_write=np.where(tokens.cache_write < 0, tokens.cache_write, new_write),
        cache_write_1h=_part(tokens.cache_write_1h, new_write, tokens.cache_write),
    )


def moved(tokens: Tokens, shares: Shares, until: Ints, call: Ints) -> Ints:
    """Return how long prefixes are after trimming that were `until` tokens long, of the calls at places `call`."""
    return _Ends(tokens, shares).moved(until, call)


class _Ends:
    """Where each part of the input ends, before and after; [parts + 1, calls], the last is the input."""

    def __init__(self, tokens: Tokens, shares: Shares) -> None:
        system, history, tool, user, fixed = (
            np.maximum(part, 0) for part in (tokens.system, tokens.history, tokens.tool, tokens.user, tokens.fixed)
        )
        fixed = np.minimum(fixed, user)
        whole = np.maximum(tokens.input, 0)
        known = (system + history + tool + user == whole) & (tokens.user >= 0)
        middle = _share(history, shares.history) + _share(tool, shares.tool)
        before = (system, history + tool, user)
        after = (_share(system, shares.system), middle, _share(user - fixed, shares.user) + fixed)
        self.old = self._until(before, known, whole)
        self.new = self._until(after, known, whole)

    @staticmethod
    def _until(parts: tuple[Ints, ...], known: Bools, whole: Ints) -> Ints:
        """A call without known parts is one part."""
        ends = np.cumsum(np.stack([np.zeros_like(whole), *parts]), axis=0)
        ends[1:, ~known] = whole[~known]
        return ends

    def moved(self, until: Ints, call: Ints | None = None) -> Ints:
        """Where places of the old input are in the new one."""
        old, new = (self.old, self.new) if call is None else (self.old[:, call], self.new[:, call])
        found: Ints = new[0].copy()
        for part in range(1, len(old)):
            size = old[part] - old[part - 1]
            inside = np.clip(until - old[part - 1], 0, size)
            found += inside * (new[part] - new[part - 1]) // np.maximum(size, 1)
        return found


def _share(counts: Ints, share: float) -> Ints:
    """So much of each count, to the nearest; shares have six digits, so that the result is exact."""
    found: Ints = (counts * round(share * _MILLION) + _MILLION // 2) // _MILLION
    return np.where(counts < 0, counts, found)


def _part(part: Ints, new: Ints, old: Ints) -> Ints:
    """A part of what was `old` when that is `new`."""
    return np.where(part < 0, part, np.maximum(part, 0) * np.maximum(new, 0) // np.maximum(old, 1))
