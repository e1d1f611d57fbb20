"""What every story is told with: entries of a log, the noise around them, and the true sums."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sample_logs.stories.list_prices import NO_TOKENS, Usage, list_cost

JsonObject = dict[str, Any]
MONTH = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 31
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Entry:
    """One call: the line as the log has it, and beside it what the generator knows about it."""

    at: datetime
    line: JsonObject
    route: str
    task: str
    model: str
    usage: Usage = NO_TOKENS
    failed: bool = False
    marks: frozenset[str] = frozenset()
    reported_cost: float | None = None
    free: bool = False  # answered by a cache of the caller's own: tokens are logged, nobody bills them


@dataclass
class Noise:
    """What stands in a log besides calls."""

    not_calls: list[tuple[datetime, JsonObject]] = field(default_factory=list)
    duplicates: int = 0
    broken: int = 0


@dataclass
class Story:
    """A log, line by line, and the facts that an audit of it should find."""

    lines: list[str]
    facts: JsonObject


def tell(rng: Random, entries: Iterable[Entry], noise: Noise) -> Story:
    """The entries in order of time, some lines written twice, some no calls, some cut off."""
    calls = sorted(entries, key=lambda entry: entry.at)
    timed = [(entry.at, write(entry.line)) for entry in calls]
    succeeded = [place for place, entry in enumerate(calls) if not entry.failed]
    for place in rng.sample(succeeded, noise.duplicates):
        timed.append((timed[place][0] + timedelta(seconds=2), timed[place][1]))
    for place in rng.sample(succeeded, noise.broken):
        at, line = timed[place]
        timed.append((at + timedelta(seconds=1), line[: len(line) * 2 // 3]))
    timed += [(at, write(line)) for at, line in noise.not_calls]
    lines = [line for _, line in sorted(timed, key=lambda pair: pair[0])]
    return Story(lines, _facts(calls, noise, len(lines)))


def write(line: JsonObject) -> str:
    """A line as a logger writes it: compact JSON, text as it is."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _facts(calls: list[Entry], noise: Noise, lines: int) -> JsonObject:
    return {
        "lines": lines,
        "calls": len(calls),
        "duplicates": noise.duplicates,
        "rejected": noise.broken,
        "not_calls": len(noise.not_calls),
        "errors": sum(entry.failed for entry in calls),
        "totals": sums(calls),
        "reported_cost_usd": _reported(calls),
        "by_model": _grouped(calls, "model"),
        "by_task": _grouped(calls, "task"),
        "by_route": _grouped(calls, "route"),
        "task_of_route": {entry.route: entry.task for entry in sorted(calls, key=lambda entry: entry.route)},
        "hidden": _hidden(calls),
        "identical_requests": sums(_repeats(calls)),
    }


def sums(calls: list[Entry]) -> JsonObject:
    """Calls, tokens and list price of some entries; a price that nobody knows is null, never zero."""
    costs = [Decimal(0) if entry.free else list_cost(entry.model, entry.usage) for entry in calls]
    known = [cost for cost in costs if cost is not None]
    return {
        "calls": len(calls),
        "input_tokens": sum(entry.usage.input for entry in calls),
        "cache_read_tokens": sum(entry.usage.cache_read for entry in calls),
        "cache_write_tokens": sum(entry.usage.cache_write_5m + entry.usage.cache_write_1h for entry in calls),
        "output_tokens": sum(entry.usage.output for entry in calls),
        "reasoning_tokens": sum(entry.usage.reasoning for entry in calls),
        "list_cost_usd": f"{sum(known, Decimal(0)):f}" if known or not calls else None,
        "unpriced_calls": len(costs) - len(known),
    }


def _reported(calls: list[Entry]) -> str | None:
    known = [Decimal(repr(entry.reported_cost)) for entry in calls if entry.reported_cost is not None]
    return f"{sum(known, Decimal(0)):f}" if known else None


def _grouped(calls: list[Entry], name: str) -> JsonObject:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in calls:
        groups[getattr(entry, name)].append(entry)
    return {key: sums(groups[key]) for key in sorted(groups)}


def _hidden(calls: list[Entry]) -> JsonObject:
    marks = sorted({mark for entry in calls for mark in entry.marks})
    return {mark: sums([entry for entry in calls if mark in entry.marks]) for mark in marks}


def _repeats(calls: list[Entry]) -> list[Entry]:
    """Calls that succeeded and asked, word for word, what one before them had asked with success."""
    seen: set[str] = set()
    repeats = []
    for entry in (entry for entry in calls if not entry.failed):
        request = entry.line.get("request", entry.line)
        prompt = write({"system": request.get("system"), "messages": request["messages"]})
        if prompt in seen:
            repeats.append(entry)
        seen.add(prompt)
    return repeats


def tokens(text: str | None, characters: float = 4.1) -> int:
    """About how many tokens a text has; JSON and code have fewer characters in each."""
    return max(1, round(len(text) / characters)) if text else 0


def token_id(rng: Random, length: int) -> str:
    """Letters and digits as providers use them in ids."""
    return "".join(rng.choices(ALPHABET, k=length))


def hex_id(rng: Random, length: int) -> str:
    """Hexadecimal digits as trace ids have them."""
    return f"{rng.getrandbits(4 * length):0{length}x}"


def stamp(at: datetime) -> str:
    """A time as JavaScript writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def moments(rng: Random, count: int, hours: list[int], weekend: float) -> list[datetime]:
    """So many times of October 2026 in order, by the weight of each hour; weekends have their share."""
    slots = [MONTH + timedelta(hours=hour) for hour in range(24 * DAYS)]
    weights = [hours[slot.hour] * (weekend if slot.weekday() > 4 else 1.0) for slot in slots]
    drawn = rng.choices(slots, weights, k=count)
    return sorted(slot + timedelta(milliseconds=rng.randrange(3_600_000)) for slot in drawn)
