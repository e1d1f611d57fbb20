"""Savings that are too small to act upon: a report leaves them out, and says so."""

CENT = 10**10


def least(cost: int) -> int:
    """Return the smallest saving worth a line: 0.1 % of the cost, at least a cent, but never over 1 % of the cost."""
    return max(1, min(max(cost // 1000, CENT), cost // 100))
