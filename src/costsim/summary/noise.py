"""Savings that are too small to act upon: a report leaves them out, and says so; and how it says so."""

from costsim.schema import usd

CENT = 10**10


def least(cost: int) -> int:
    """Return the smallest saving worth a line: 0.1 % of the cost, at least a cent, but never over 1 % of the cost."""
    return max(1, min(max(cost // 1000, CENT), cost // 100))


def dollars(amount: int) -> str:
    """Return an amount of some cents or more to the cent, a smaller one to three figures."""
    exact = usd(amount)
    if amount >= CENT:
        return f"${exact:.2f}"
    return f"${round(exact, 2 - exact.adjusted()).normalize():f}"
