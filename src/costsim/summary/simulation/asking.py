"""What the user wants to know of a simulation: the policies, and what they are compared with."""

from pathlib import Path

import msgspec

from costsim.replay.decisions import Decisions
from costsim.replay.scores import Scores
from costsim.summary.question import Question
from costsim.summary.simulation.runs import Run


class Ask(msgspec.Struct, frozen=True):
    """What the user wants to know, beside `Question`: the policies, and what they are compared with."""

    runs: tuple[Run, ...]
    question: Question
    decisions: Decisions = msgspec.field(default_factory=Decisions)
    scores: Scores = msgspec.field(default_factory=Scores)
    per_call: Path | None = None
    """Where to write the attempts of every call."""
