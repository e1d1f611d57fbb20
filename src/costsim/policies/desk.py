"""What a route may ask about calls and models; the replay answers, which knows tokens and prices."""

from typing import Protocol

from costsim.policies.attempts import Ints
from costsim.policies.document import Escalate, Target


class Desk(Protocol):
    """Answers about the calls of one batch, which are named by their rows."""

    def choose(self, target: Target, rows: Ints) -> Ints:
        """Return the model that each call gets of a model or tier: the cheapest that can do it; -1 where none can."""

    def cheapest(self, models: list[str], rows: Ints) -> Ints:
        """Return the model of the list that is the cheapest for each call and can do it; -1 where none can."""

    def logged(self, rows: Ints) -> Ints:
        """Return the model that answered each call in the log; -1 where it is unknown."""

    def model(self, name: str) -> int:
        """Return the index of a model that the policy names."""

    def escalates(self, escalate: Escalate, rows: Ints, model: Ints) -> Ints:
        """Return the share of each call that this model would not answer well enough, in 10^-9."""

    def answer_tokens(self, rows: Ints, model: Ints) -> Ints:
        """Return how many tokens each call's answer has on this model."""

    def decided(self, file: str, rows: Ints) -> Ints:
        """Return the model that a file of decisions names for each call; -1 where it names none."""
