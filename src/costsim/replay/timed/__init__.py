"""What can only be known by looking at all calls in the order of time: kept answers, budgets, conversations, caches.

Each batch is looked at for what its calls would ask for; what that comes to in the order of time is solved over all
batches, on the disk, and handed back batch by batch for the replay. Each of the four knows what those before it say.
"""

from pathlib import Path

from costsim.policies.policy import Policy
from costsim.replay.simulating import Simulation
from costsim.replay.timed import answers, budgets, caches, conversations
from costsim.replay.timed.timetable import Load, Timed, Timetable

__all__ = ["Timetable", "columns", "is_timed", "solve"]


def is_timed(policy: Policy) -> bool:
    """Return whether a policy asks for anything that depends on what came before."""
    return any(each.wanted(policy) for each in (answers, budgets, conversations, caches))


def columns(policy: Policy) -> set[str]:
    """Return the columns of `calls` that are read for it, besides those that the policy names."""
    found: set[str] = set()
    for each in (answers, conversations, caches):
        found |= set(each.COLUMNS) if each.wanted(policy) else set()
    return found


def solve(simulation: Simulation, load: Load, batches: int, folder: Path) -> Timetable:
    """Return what a policy needs to know of all calls together; `folder` is for files."""
    timed = Timed(simulation, load, batches, folder)
    policy = simulation.policy
    timed.look()
    if answers.wanted(policy):
        timed.found.served = answers.solve(timed)
    if budgets.wanted(policy):
        timed.found.over = budgets.solve(timed)
    if conversations.wanted(policy):
        timed.found.model = conversations.solve(timed)
    if caches.wanted(policy):
        timed.found.caches = caches.solve(timed)
    return timed.found
