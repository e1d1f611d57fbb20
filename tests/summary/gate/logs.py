"""Logs whose calls differ in kind: cached or not, thinking or not, after short messages and long ones."""

from dataclasses import dataclass

import numpy as np
from scripts.made_calls import table_of

from costsim import prices
from costsim.ingest.kept.store import VERSION, Manifest
from costsim.summary.gate import profile
from costsim.summary.gate.baseline import Baseline
from costsim.summary.gate.budgets import Spending
from costsim.summary.gate.cases import Pairs
from costsim.summary.gate.judge import judge
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.report import CheckReport
from costsim.summary.gate.summing import Summing
from costsim.summary.question import Question

CALLS = 500


@dataclass(frozen=True)
class Story:
    """How calls of one route come about."""

    hits: float = 0.5
    """Share of the calls whose prompt is read from a cache, at a tenth of the price."""
    thinks: float = 0.3
    """Share of the calls that think, which makes their answers ten times as long."""
    message: float = 1.0
    """How long the user's message is, in times of the usual."""
    tasks: tuple[str, ...] = ("chat",)
    """What the calls are taken for, each as often as the others."""
    longer: float = 1.0
    """How many times as many tokens are sent and answered, for the same message."""


def figures(story: Story, draw: np.random.Generator, calls: int = CALLS) -> Baseline:
    """Return what some calls of the route `a` come to."""
    user = np.exp(draw.normal(6, 0.7, calls)) * story.message
    sent = (8_000 + 4 * user) * story.longer
    answered = 100 * np.where(draw.random(calls) < story.thinks, 10, 1) * np.exp(draw.normal(0, 0.2, calls))
    cached, thought = draw.random(calls) < story.hits, answered > 400
    known = {
        "route": ["a"] * calls,
        "task": draw.choice(story.tasks, calls).tolist(),
        "model": ["gpt-5.4"] * calls,
        "input_tokens": sent.astype(np.int64),
        "cache_read_tokens": (cached * 0.95 * sent).astype(np.int64),
        "output_tokens": (answered * story.longer).astype(np.int64),
        "reasoning_tokens": np.where(thought, (0.8 * answered).astype(np.int64), 0),
        "user_tokens": user.astype(np.int64),
        "billed": np.ones(calls, np.bool_),
        "status": ["ok"] * calls,
        "operation": ["chat"] * calls,
        "started_at": 1_790_000_000_000_000 + np.arange(calls) * 3_600_000_000,
    }
    return _baseline(known, calls, Pairs(most=0))


@dataclass(frozen=True)
class Recurring:
    """A noisy route, some of whose prompts come to every log."""

    known: float = 0.33
    """Share of the calls whose prompts come to both logs."""
    longer: float = 1.0
    """How many times as many tokens are sent and answered."""
    others: float = 1.0
    """The same, of the prompts that come to one log only."""


def recurring(story: Recurring, draw: np.random.Generator, calls: int = CALLS) -> Baseline:
    """Return what some calls of the route `a` come to, whose prompts ask for answers of very different lengths."""
    same = np.arange(calls) < round(story.known * calls)
    usual = np.where(same, np.random.default_rng(0).normal(6, 1.2, calls), draw.normal(6, 1.2, calls))
    answered = np.exp(usual + draw.normal(0, 0.1, calls)) * np.where(same, 1, story.others) * story.longer
    known = {
        "route": ["a"] * calls,
        "task": ["chat"] * calls,
        "model": ["gpt-5.4"] * calls,
        "input_tokens": (answered / 2).astype(np.int64) + 1,
        "output_tokens": answered.astype(np.int64) + 1,
        "prompt_hash": np.where(same, np.arange(calls), draw.integers(10**6, 10**12, calls)).astype(np.uint64),
        "billed": np.ones(calls, np.bool_),
        "status": ["ok"] * calls,
        "operation": ["chat"] * calls,
        "started_at": 1_790_000_000_000_000 + np.arange(calls) * 3_600_000_000,
    }
    return _baseline(known, calls, Pairs(most=None))


def _baseline(known: dict[str, object], calls: int, pairs: Pairs) -> Baseline:
    table, question = prices.load(()), Question()
    summing = Summing(table, question, pairs)
    found = summing.empty()
    summing.take(found, table_of(known, calls))
    return profile.baseline_of(Manifest(VERSION), table, question, pairs, found)


def judged(before: Baseline, now: Baseline) -> CheckReport:
    """Return what is said of two logs; a month of any dollars is material."""
    return judge(before, now, Limits(min_increase_usd=0.0), Spending())
