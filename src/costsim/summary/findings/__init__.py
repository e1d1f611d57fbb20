"""Findings: what could be saved, or is not in the figures.

To add one: a module that satisfies `Finding` or `Trend`, its line below, and in the tests a log in which it is
hidden, and one in which it is not.
"""

from costsim.summary.findings import (
    above_a_cliff,
    batchable,
    billed_failures,
    fallbacks,
    frontier_for_simple,
    growing_conversations,
    growing_system_prompts,
    identical_requests,
    lost_caches,
    unbounded_answers,
    uncached_prefixes,
    unread_caches,
)
from costsim.summary.findings.contract import Case, Finding, Savings, Trend

__all__ = ["FINDINGS", "TRENDS", "Case", "Finding", "Savings", "Trend"]

FINDINGS: tuple[Finding, ...] = (
    frontier_for_simple,
    uncached_prefixes,
    identical_requests,
    billed_failures,
    growing_conversations,
    above_a_cliff,
)

TRENDS: tuple[Trend, ...] = (
    batchable,
    growing_system_prompts,
    unbounded_answers,
    unread_caches,
    lost_caches,
    fallbacks,
)
