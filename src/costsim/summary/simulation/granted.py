"""What the levers and budgets of a policy take for granted, in a sentence each."""

from collections.abc import Collection, Iterator

from costsim.policies.policy import Policy
from costsim.summary.simulation.report import Assumption

_OF_LEVERS = {
    "prompt_cache": (
        "Prompt caches are simulated in the order of time: asked for where it pays over this log (for each system "
        "prompt: after it, after the last message too, or not at all), and kept to their end.",
        "prompt-cache",
    ),
    "response_cache": (
        "A cache of answers gives the same prompt the same answer, as the policy says it may.",
        "response-cache",
    ),
    "batch": ("Calls that can wait are answered as well, and with as many tokens, at the batch price.", "levers"),
    "trim": ("What is trimmed can be left out, and answers stay as good: nothing here measures that.", "trim"),
}
_BUDGETS = "Budgets are full when the log begins, and users would have sent the same calls."


def granted(policy: Policy, idle: Collection[str]) -> Iterator[Assumption]:
    """Yield what must be true for the policy's levers and budgets to come to what they come to here.

    `idle`: levers that do nothing in this log.
    """
    for lever, (text, section) in _OF_LEVERS.items():
        if lever not in idle and any(getattr(levers, lever) is not None for levers in policy.all_levers()):
            yield Assumption(text, section)
    if any(rule.route.budget is not None for rule in policy.rules):
        yield Assumption(_BUDGETS, "budgets")
