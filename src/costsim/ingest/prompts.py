"""What is kept of prompts when their text is dropped: a hash and a length of each message, and what follows from them.

As calls come in, a hash and a length of each message are taken; running hashes of prefixes, lengths by kind and where
the input tokens come from are worked out over the whole batch.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from costsim.ingest import hashing
from costsim.schema import TOLD, ManyCalls, as_arrow, jsons_of, texts_of

MOST_PREFIXES = 64
"""Prefixes kept of one prompt: the first, which other conversations share, and the last, which the next turn shares."""
_FIRST = 8

PARTS = ("system_tokens", "history_tokens", "user_tokens", "tool_tokens")
_SYSTEM, _HISTORY, _USER, _TOOL, _TOLD = range(len(PARTS) + 1)
_KINDS = {"system": _SYSTEM, "assistant": _HISTORY, "user": _USER, "tool": _TOOL, TOLD: _TOLD}

USUAL_CHARACTERS = 4
"""Characters of a token of ordinary text."""
_FEWEST_CHARACTERS = 1
"""Fewer characters than this for each token are not all the text: a logger cut it off, or there were images."""

_STEP = np.uint64(0x9E3779B97F4A7C15)
_BY_KIND = np.array([0x5E, 0xA551, 0x05E4, 0x7001, 0], np.uint64) * _STEP

Ints = NDArray[np.int64]
Number = TypeVar("Number", np.int64, np.uint64)


class Prompts(msgspec.Struct):
    """The prompts of some calls, flat: messages of all calls one after the other."""

    hashes: NDArray[np.uint64]
    lengths: Ints
    kinds: Ints
    counts: Ints
    """Messages of each call."""
    tools: Ints
    """Characters of each call's tool definitions."""


class Attached(msgspec.Struct):
    """What the prompts of some calls carry besides text."""

    hashes: NDArray[np.uint64]
    """0: nothing. What is not known as a whole is like nothing else."""
    partly: NDArray[np.bool_]
    """Whether the log holds not all of it."""


class Said(msgspec.Struct):
    """What of the prompts of some calls is read before their text is dropped."""

    system_keys: list[int]
    """Of each call, a hash of its system text; 0: it has none."""
    users: list[str]
    """Of each call, the last message of its user, even where tool results or answers follow; '' where there is none."""


def digest(calls: ManyCalls) -> tuple[Prompts, Said]:
    """Return what is kept of the calls' prompts, and what is read of their text."""
    counts, size = np.fromiter(calls.messages, np.int64, calls.count), len(calls.texts)
    encoded = jsons_of(calls.texts)
    hashes = np.fromiter(map(xxh3_64_intdigest, encoded), np.uint64, size)
    lengths = np.fromiter(map(len, encoded), np.int64, size) - 2  # without the quotation marks
    kinds = np.fromiter(map(_KINDS.__getitem__, calls.roles), np.int64, size)
    tools = np.where(counts > 0, np.array(calls.column("tool_definitions"), np.int64), 0)
    prompts = Prompts(hashes, lengths, kinds, counts, tools)
    if "prefixes" in calls.fields:
        _enter_told(calls, prompts)
    return prompts, Said(_system_keys(calls, prompts), _users(calls, prompts))


def _enter_told(calls: ManyCalls, prompts: Prompts) -> None:
    """Enter the hashes and lengths that the log itself tells, where it does so in place of text."""
    prefixes = calls.column("prefixes")
    told = [prefix for of_call in prefixes if of_call for prefix in of_call]
    places = np.flatnonzero(prompts.kinds == _TOLD)
    prompts.hashes[places] = np.array([known for known, _ in told], np.uint64)
    prompts.lengths[places] = [length for _, length in told]
    prompts.tools[[call for call, of_call in enumerate(prefixes) if of_call]] = 0


def _system_keys(calls: ManyCalls, prompts: Prompts) -> list[int]:
    starts = np.cumsum(prompts.counts) - prompts.counts
    of_call = np.repeat(np.arange(calls.count), prompts.counts)
    systems = np.bincount(of_call[prompts.kinds == _SYSTEM], minlength=calls.count)
    keys = np.zeros(calls.count, np.uint64)
    opens = np.zeros(calls.count, bool)
    opens[systems > 0] = prompts.kinds[starts[systems > 0]] == _SYSTEM
    alone = opens & (systems == 1)  # as a rule
    keys[alone] = prompts.hashes[starts[alone]]
    found: list[int] = keys.tolist()
    for call in np.flatnonzero((systems > 0) & ~alone).tolist():
        found[call] = xxh3_64_intdigest(system_text(calls, call).encode("utf-8", "surrogatepass"))
    return found


def system_text(calls: ManyCalls, call: int) -> str:
    """Return all system text of one call's prompt."""
    start = sum(calls.messages[:call])
    places = range(start, start + calls.messages[call])
    return "\n".join(texts_of([calls.texts[place] for place in places if calls.roles[place] == "system"]))


def _users(calls: ManyCalls, prompts: Prompts) -> list[str]:
    of_call = np.repeat(np.arange(calls.count), prompts.counts)
    of_users = np.flatnonzero(prompts.kinds == _USER)
    last = np.full(calls.count, -1)
    last[of_call[of_users]] = of_users  # of several, the last one stays
    return texts_of([calls.texts[place] if place >= 0 else "" for place in last.tolist()])


class FlatPrompts:
    """The messages of a batch as arrays, with the running hash and the running length after each."""

    def __init__(self, prompts: Sequence[Prompts]) -> None:
        self.counts = np.concatenate([part.counts for part in prompts])
        self.kinds = np.concatenate([part.kinds for part in prompts])
        self.lengths = np.concatenate([part.lengths for part in prompts])
        self.tools = np.concatenate([part.tools for part in prompts])
        self.ends = np.cumsum(self.counts)
        self.starts = self.ends - self.counts
        self.of_call = np.repeat(np.arange(len(self.counts)), self.counts)
        self.has_text = self.counts > 0
        self.marks = _running(self.lengths, self) + self.tools[self.of_call]
        hashes = np.concatenate([part.hashes for part in prompts])
        self.running = self._running_hashes(hashes)
        self.told = self.kinds == _TOLD
        if self.told.any():  # their hashes and lengths run already
            self.marks = np.where(self.told, self.lengths, self.marks)
            self.running = np.where(self.told, hashes, self.running)
        self.characters = np.zeros(len(self.counts), np.int64)
        self.characters[self.has_text] = self.marks[self.ends[self.has_text] - 1]
        self.prompt = np.zeros(len(self.counts), np.uint64)
        self.prompt[self.has_text] = self.running[self.ends[self.has_text] - 1]

    def said(self) -> Ints:
        """Return how many messages of the user and the assistant each call has."""
        return self._messages_of(_USER, _HISTORY)

    def ends_with_tool(self) -> NDArray[np.bool_]:
        """Return which calls hand a tool's result to the model as the last thing of their prompt."""
        found = np.zeros(len(self.counts), dtype=bool)
        found[self.has_text] = self.kinds[self.ends[self.has_text] - 1] == _TOOL
        return found

    def columns(self, input_tokens: pa.Array, key: tuple[int, int], attached: "Attached") -> dict[str, pa.Array]:
        """Return the columns of `calls` that tell of prompts, given the calls' input tokens.

        What is attached besides text tells prompts apart. Where the log does not hold all of it, the prompt has no
        hash: two questions about two images are not the same. A prefix that is all of the only question holds it too.

        Tokens of a part are its characters' share of the call's tokens. Where the log holds too little text to make
        that many, parts are as long as their text and the last user message has the rest.
        """
        total = pc.fill_null(input_tokens, 0).to_numpy(zero_copy_only=False)
        full = np.where(total * _FEWEST_CHARACTERS > self.characters, total * USUAL_CHARACTERS, self.characters)
        full = np.maximum(full, 1)
        in_words = self.has_text & (np.bincount(self.of_call[self.told], minlength=len(self.counts)) == 0)
        known = in_words & pc.is_valid(input_tokens).to_numpy(zero_copy_only=False)
        return {
            "prompt_hash": as_arrow(
                hashing.siphash(self.prompt ^ attached.hashes * _STEP, key), self.has_text & ~attached.partly
            ),
            **_prefixes(self, total, full, key, attached.hashes),
            **_parts(self, total, full, known),
            "turns": as_arrow(self._messages_of(_USER).astype(np.int32), in_words),
        }

    def _messages_of(self, *kinds: int) -> Ints:
        """How many messages of some kinds each call has."""
        wanted = np.logical_or.reduce([self.kinds == kind for kind in kinds])
        return np.bincount(self.of_call[wanted], minlength=len(self.counts))

    def _running_hashes(self, hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Equal for equal messages of equal roles in equal order after equal tools: a sum weighted by place."""
        place = (np.arange(len(hashes)) - self.starts[self.of_call] + 1).astype(np.uint64)
        weighted = (hashes ^ _BY_KIND[self.kinds]) * (place * _STEP | np.uint64(1))
        running: NDArray[np.uint64] = _running(weighted, self) + self.tools[self.of_call].astype(np.uint64) * _STEP
        return running


def _running(values: NDArray[Number], flat: FlatPrompts) -> NDArray[Number]:
    """Sums from the first message of each call to each of its messages."""
    sums = np.cumsum(values)
    before = np.concatenate([np.zeros(1, values.dtype), sums])[flat.starts]
    found: NDArray[Number] = sums - before[flat.of_call]
    return found


def _prefixes(
    flat: FlatPrompts, total: Ints, full: Ints, key: tuple[int, int], attached: NDArray[np.uint64]
) -> dict[str, pa.Array]:
    """Hash and tokens of each prefix that ends with a message; the last one is the prompt.

    In a conversation nothing says which message it is that something is attached to, so that its prefixes are those of
    its text: images that were shown before are cached with all that was said since.
    """
    tokens = flat.marks * total[flat.of_call] // full[flat.of_call]
    tokens = np.where(flat.told, flat.marks, tokens)
    tokens[flat.ends[flat.has_text] - 1] = total[flat.has_text]
    running, counts = flat.running.copy(), flat.counts
    asked_once = flat.has_text & (flat.said() == 1)
    running[flat.ends[asked_once] - 1] ^= attached[asked_once] * _STEP
    hashes = hashing.siphash(running, key)
    if counts.max(initial=0) > MOST_PREFIXES:
        place = np.arange(len(hashes)) - flat.starts[flat.of_call]
        kept = (place < _FIRST) | (place >= counts[flat.of_call] - (MOST_PREFIXES - _FIRST)) | flat.told
        hashes, tokens, counts = hashes[kept], tokens[kept], np.bincount(flat.of_call[kept], minlength=len(counts))
    offsets = as_arrow(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    return {
        "prefix_hashes": pa.ListArray.from_arrays(offsets, as_arrow(hashes)),
        "prefix_tokens": pa.ListArray.from_arrays(offsets, as_arrow(tokens)),
    }


def _parts(flat: FlatPrompts, total: Ints, full: Ints, known: NDArray[np.bool_]) -> dict[str, pa.Array]:
    """The input tokens by where they come from; the parts add up to the total exactly."""
    calls = len(flat.counts)
    kinds = np.where(flat.kinds == _USER, _HISTORY, flat.kinds)  # all but the last message of the user
    kinds[flat.told] = _HISTORY  # not known in fact, and masked
    of_user = np.flatnonzero(flat.kinds == _USER)
    last_of_user = of_user[np.append(np.diff(flat.of_call[of_user]) != 0, True)] if len(of_user) else of_user
    kinds[last_of_user] = _USER
    by_kind = np.bincount(flat.of_call * len(PARTS) + kinds, flat.lengths, calls * len(PARTS))
    by_kind = by_kind.astype(np.int64).reshape(calls, len(PARTS))
    by_kind[:, _TOOL] += flat.tools
    by_kind[:, _USER] += full - by_kind.sum(axis=1)
    until = np.cumsum(by_kind, axis=1) * total[:, None] // full[:, None]
    parts = np.diff(until, axis=1, prepend=0)
    return {name: as_arrow(parts[:, column], known) for column, name in enumerate(PARTS)}
