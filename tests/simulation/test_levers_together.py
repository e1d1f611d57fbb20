"""Levers and routes together, against a pencil: one request after the other, written from docs/methodology.md."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from tests.simulation.conftest import Replayed

Rates = tuple[Fraction, Fraction, Fraction, Fraction]
"""Of input, cached input, written input and output, USD per million."""


def rates(*usd: float) -> Rates:
    reads, cached, written, writes = (Fraction(str(each)) for each in usd)
    return reads, cached, written, writes


USD: dict[tuple[str, str], Rates] = {
    ("strong", "standard"): rates(30, 3, 30, 120),
    ("middle", "standard"): rates(5, 0.5, 5, 20),
    ("small", "standard"): rates(0.25, 0.25, 0.25, 2),
    ("small", "batch"): rates(0.125, 0.125, 0.125, 1),
    ("asked", "standard"): rates(4, 0.4, 5, 20),
    ("asked", "batch"): rates(2, 0.2, 2.5, 10),
    ("judge", "standard"): rates(1, 1, 1, 4),
}
AUTOMATIC, EXPLICIT = ("strong", "middle"), ("asked",)
WINDOW, LEAST, LIFETIME, KEPT = 8000, 1024, 300, 600

Call = dict[str, Any]


@dataclass
class Wanted:
    """A policy, as the pencil knows it; the cascade takes team a, the tier that keeps conversations team b."""

    cascade: tuple[str, str]
    rate: Fraction
    carry: bool
    judge: str
    judge_reads: int | None
    tier: tuple[str, str]

    def text(self) -> str:
        reads = "" if self.judge_reads is None else f"input_tokens: {self.judge_reads}, "
        return f"""
version: 1
name: together
tiers: {{kept: {{models: [{", ".join(self.tier)}]}}}}
rules:
  - name: tried
    when: {{tags.team: {{is: a}}}}
    route:
      cascade: [{{model: {self.cascade[0]}}}, {{model: {self.cascade[1]}}}]
      escalate: {{rate: {float(self.rate)}, carry_answer: {str(self.carry).lower()},
                  verifier: {{model: {self.judge}, {reads}output_tokens: 10}}}}
  - {{name: stuck, when: {{tags.team: {{is: b}}}}, route: {{tier: kept, sticky: conversation}}}}
levers:
  prompt_cache: {{}}
  response_cache: {{ttl: {KEPT}s, when: {{temperature: {{is: 0}}}}}}
  batch: {{when: {{tags.environment: {{is: night}}}}}}
assume: {{input_tokens: same, output_tokens: same}}
"""


@dataclass
class Request:
    call: Call
    rule: str
    model: str
    tier: str
    share: Fraction = Fraction(1)
    reads: int = 0
    writes: int = 0
    judges: bool = False
    cached: tuple[Fraction, Fraction] | None = None
    """Tokens read from the cache, and written to it; None where it has none."""
    both: tuple[Fraction, Fraction] = field(default=(Fraction(0), Fraction(0)))
    first: tuple[Fraction, Fraction] = field(default=(Fraction(0), Fraction(0)))

    def cost(self, cached: tuple[Fraction, Fraction] | None) -> Fraction:
        read, written = cached or (Fraction(0), Fraction(0))
        of_input, of_cached, of_written, of_output = USD[self.model, self.tier]
        fresh = self.reads - read - written
        return (fresh * of_input + read * of_cached + written * of_written + self.writes * of_output) / 10**6


def texts(call: Call) -> list[str]:
    """The prefixes of a prompt, the shorter first; a token is four characters."""
    said = [call["system"], *(each["content"] for each in json.loads(call["prompt"]))]
    return ["".join(said[:end]) for end in range(1, len(said) + 1)]


def can(model: str, call: Call) -> bool:
    return model != "small" or model == call["model"] or call["input_tokens"] + call["output_tokens"] <= WINDOW


def answered_again(log: list[Call]) -> set[str]:
    """The calls that the cache of answers serves."""
    stored: dict[Any, int] = {}
    found = set()
    for call in log:
        key = call["model"], call["system"], call["prompt"]
        if call["temperature"]:
            continue
        if key in stored and call["at"] - stored[key] <= KEPT:
            found.add(call["id"])
        else:
            stored[key] = call["at"]
    return found


def cheapest(models: tuple[str, str], call: Call) -> str | None:
    """The model of a tier that a call gets: caches count only as the log shows them of the call's own model."""

    def cost(model: str) -> Fraction:
        request = Request(call, "", model, "standard", reads=call["input_tokens"], writes=call["output_tokens"])
        return request.cost(logged_cache(call) if model == call["model"] else None)

    return min((model for model in models if can(model, call)), key=cost, default=None)


def logged_cache(call: Call) -> tuple[Fraction, Fraction]:
    return Fraction(call["cached_tokens"]), Fraction(0)


def requests(log: list[Call], wanted: Wanted) -> list[Request]:
    """Every request that the policy sends, in the order of time."""
    served, on = answered_again(log), dict[str, str]()
    found: list[Request] = []
    for call in log:
        if call["id"] in served:
            continue
        found += list(of_call(call, wanted, on))
    return found


def of_call(call: Call, wanted: Wanted, on: dict[str, str]) -> list[Request]:
    def one(rule: str, model: str, share: Fraction = Fraction(1), carried: int = 0) -> Request:
        tier = "batch" if call["environment"] == "night" and (model, "batch") in USD else "standard"
        return Request(call, rule, model, tier, share, call["input_tokens"] + carried, call["output_tokens"])

    if call["team"] == "a":
        legs = [model for model in wanted.cascade if can(model, call)]
        if len(legs) < 2:
            return [one("tried", legs[0])]
        judge = one("tried", wanted.judge)
        judge.writes, judge.judges = 10, True
        judge.reads = call["input_tokens"] + call["output_tokens"] if wanted.judge_reads is None else wanted.judge_reads
        carried = call["output_tokens"] if wanted.carry else 0
        return [one("tried", legs[0]), judge, one("tried", legs[1], wanted.rate, carried)]
    if call["team"] == "b":
        kept = on.get(call["conversation_id"])
        model = kept if kept and can(kept, call) else cheapest(wanted.tier, call)
        if model and call["conversation_id"]:
            on.setdefault(call["conversation_id"], model)
        return [one("stuck", model)] if model else [one("stuck", call["model"])]
    return [one("(no rule)", call["model"])]


def length(prefix: str) -> int:
    tokens = len(prefix) // 4
    return tokens if tokens >= LEAST else 0


def alive(earlier: list[tuple[int, Fraction]], at: int) -> Fraction:
    """The chance that one of the requests that stored something no longer than a lifetime ago was made."""
    never = Fraction(1)
    for when, share in earlier:
        never *= 1 - share if at - when <= LIFETIME else 1
    return 1 - never


def used(request: Request, prefixes: list[str], stored: dict[Any, Any]) -> tuple[Fraction, Fraction]:
    """Tokens read, to the nearest, and written: what each prefix adds, by the chance that it or a longer one lives."""
    chances = [alive(stored[request.model, prefix], request.call["at"]) for prefix in prefixes]
    lengths = [0, *(length(prefix) for prefix in prefixes)]
    read = sum(
        (max(chances[n:]) * (after - before) for n, (before, after) in enumerate(pairwise(lengths))), Fraction(0)
    )
    read = Fraction(int(read + Fraction(1, 2)))
    return read, max(lengths[-1] - read, Fraction(0))


def simulate_caches(sent: list[Request]) -> None:
    stored: dict[Any, list[tuple[int, Fraction]]] = defaultdict(list)
    for request in sent:
        if request.model not in AUTOMATIC + EXPLICIT or request.judges:
            continue
        prefixes = texts(request.call)
        request.both, request.first = used(request, prefixes, stored), used(request, prefixes[:1], stored)
        for prefix in prefixes if request.model in AUTOMATIC else {prefixes[0], prefixes[-1]}:
            stored[request.model, prefix].append((request.call["at"], request.share))
    gains: dict[Any, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for request in sent:
        if request.model in EXPLICIT and not request.judges and not is_shown(request):
            for place, use in enumerate((request.both, request.first)):
                gain = (request.cost(None) - request.cost(use)) * request.share
                gains[request.model, request.call["system"]][place] += gain
    for request in sent:
        both, first = gains[request.model, request.call["system"]]
        if request.model in AUTOMATIC or both > max(first, Fraction(0)):
            request.cached = request.both
        elif request.model in EXPLICIT and first > 0:
            request.cached = request.first
        if request.judges:
            request.cached = None
        if is_shown(request):
            request.cached = logged_cache(request.call)


def is_shown(request: Request) -> bool:
    """Whether the whole call stays where it was, and the log tells of its cache."""
    stays = request.model == request.call["model"] and request.share == 1 and not request.judges
    return stays and (request.model in AUTOMATIC or request.call["cached_tokens"] > 0)


def calls(random: Random) -> list[Call]:
    """A log of conversations that go on, and of questions that are asked again."""
    systems = [letter * random.choice([3000, 6000, 12_000]) for letter in "stu"]
    found: list[Call] = []
    for conversation in range(16):
        system, model = random.choice(systems), random.choice(["strong", "asked", "middle", "small"])
        at, team, single = random.randrange(3000), random.choice("abc"), random.random() < 0.4
        said: list[dict[str, str]] = []
        for turn in range(random.choice([1, 2, 3]) if single else random.choice([1, 3, 5])):
            text = "again   " if single else f"{conversation} {turn}".ljust(8)
            asked = {"role": "user", "content": text + "x" * 4 * random.choice([100, 500])}
            said = [asked] if single else [*said, asked]
            total = (len(system) + sum(len(each["content"]) for each in said)) // 4
            found.append({
                "id": f"call-{len(found)}", "at": at, "model": model, "input_tokens": total, "system": system,
                "output_tokens": random.randrange(1, 400), "prompt": json.dumps(said),
                "temperature": 0 if single else random.choice([0, 1]), "team": team,
                "conversation_id": "" if single else f"c{conversation}", "environment": random.choice(["night", "day"]),
                "cached_tokens": random.choice([0, 0, total // 2]) if model != "small" else 0,
            })  # fmt: skip
            said = [*said, {"role": "assistant", "content": "y" * 400}]
            at += random.choice([17, 100, 280, 320, 700])
    found.sort(key=lambda call: call["at"])
    for before, call in pairwise(found):
        call["at"] = max(call["at"], before["at"] + 1)
    return found


def logged(call: Call) -> dict[str, Any]:
    at = call["at"]
    return {**call, "time": f"2026-10-01T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z"}


def policy(random: Random) -> Wanted:
    return Wanted(
        cascade=random.choice([("small", "strong"), ("small", "asked"), ("asked", "strong"), ("asked", "middle")]),
        rate=random.choice([Fraction(1, 4), Fraction(1, 2), Fraction(0), Fraction(1)]),
        carry=random.random() < 0.5,
        judge=random.choice(["judge", "asked", "middle"]),
        judge_reads=random.choice([None, 50]),
        tier=random.choice([("small", "asked"), ("small", "middle"), ("asked", "middle")]),
    )


@pytest.mark.parametrize("seed", range(8))
def test_levers_and_routes_together_cost_what_their_requests_cost_one_by_one(replayed: Replayed, seed: int) -> None:
    random = Random(seed)
    log, wanted = calls(random), policy(random)
    sent = requests(log, wanted)
    simulate_caches(sent)
    expected: dict[str, Fraction] = defaultdict(Fraction)
    unsure = Fraction(0)
    for request in sent:
        expected[request.rule] += request.cost(request.cached) * request.share
        unsure += 0 if request.share in (0, 1) else USD[request.model, request.tier][0] / 10**6
    report = replayed([logged(call) for call in log], wanted.text())
    found = {line.route: Fraction(line.cost_usd) for line in report.policies[0].routes}
    for rule, cost in found.items():
        assert abs(cost - expected[rule]) <= unsure + Fraction(1, 10**9), rule
