"""Calls without a time: the window does not hold them, so a month at its pace leaves them out."""

from costsim.summary.noise import dollars
from costsim.summary.words import number


def said(calls: int, cost: int, then: str = "") -> str:
    """Return a sentence about some of these calls, and what they cost, in 10^-12 USD; `then` says under what."""
    amount = f" ({dollars(cost)}{then})" if cost else ""
    return f"{number(calls, 'call')} without a time{amount} {'is' if calls == 1 else 'are'} not in the cost of a month."
