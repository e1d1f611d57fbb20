"""Findings: what could be saved, or is not in the figures. Each looks at some calls at a time and says which and how much.

To add one: a module that satisfies `Finding` or `Trend`, its line below, and a log in the tests in which it is hidden.
"""

from costsim.summary.findings import (
    above_a_cliff,
    batchable,
    billed_failures,
    frontier_for_simple,
    growing_conversations,
    growing_system_prompts,
    identical_requests,
    unbounded_answers,
    uncached_prefixes,
)
from costsim.summary.findings.contract import Case, Finding, Savings, Trend

__all__ = ["FINDINGS", "TRENDS", "Case", "Finding", "Savings", "Trend"]

FINDINGS: tuple[Finding, ...] = (
    frontier_for_simple,
    uncached_prefixes,
    identical_requests,
    billed_failures,
    growing_conversations,
    unbounded_answers,
    above_a_cliff,
)

TRENDS: tuple[Trend, ...] = (batchable, growing_system_prompts)
