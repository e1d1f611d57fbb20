"""The nouns of the classifier: the task types, what a request looks like from outside, and a guess."""

import re
from collections.abc import Sequence

import msgspec

UNKNOWN = "unknown"

TASKS = (
    "classification",
    "extraction",
    "formatting",
    "rewriting",
    "summarization",
    "translation",
    "question_answering",
    "drafting",
    "code",
    "math",
    "reasoning",
    "planning",
    "agent",
    "chat",
    UNKNOWN,
)
"""Every value of a call's `task`; tasks.yaml says what each means, with examples."""

_WORD = re.compile(r"[^\W_]+")


def named(text: str, tasks: Sequence[str] = TASKS) -> str | None:
    """Return the task that a text names, in any case and with anything between its words; None for any other text."""
    name = "_".join(_WORD.findall(text.casefold()))
    return name if name in tasks and name != UNKNOWN else None


COMPLEXITIES = ("simple", "moderate", "complex")


class Shape(msgspec.Struct, gc=False):
    """What a request and its answer look like from outside; None is 'the log does not say'."""

    turns: int = 1
    """Messages of the user and the assistant in the request."""
    has_tools: bool | None = None
    called_tools: bool = False
    """Whether the answer calls a tool, or the request carries a tool's result."""
    wants_json: bool | None = None
    max_output_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


class Guess(msgspec.Struct, frozen=True, gc=False):
    """What a call was for, how sure that is, and how hard it looks."""

    task: str
    confidence: float
    """The probability that `task` is right, measured on sources that the weights had not seen."""
    complexity: str
    score: float
    """The complexity in [0, 1]."""


class Reason(msgspec.Struct, frozen=True):
    """One signal that spoke for or against a task: `explain` lists these."""

    task: str
    signal: str
    weight: float
    where: str
    """system, first words, last words, middle, shape, answer, map, log or votes (of other calls)."""
