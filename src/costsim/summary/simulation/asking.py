"""What the user wants to know of a simulation: the policies, and what they are compared with."""

from dataclasses import dataclass, field
from pathlib import Path

from costsim.replay.decisions import Decisions
from costsim.replay.scores import Scores
from costsim.summary.question import Question
from costsim.summary.simulation.runs import Run


@dataclass(frozen=True)
class Ask:
    """What the user wants to know, beside `Question`: the policies, and what they are compared with."""

    runs: tuple[Run, ...]
    question: Question
    decisions: Decisions = field(default_factory=Decisions)
    scores: Scores = field(default_factory=Scores)
    per_call: Path | None = None
    """Where to write the attempts of every call."""
