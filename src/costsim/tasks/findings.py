"""Which signals a request shows, where, and how much each counts there."""

from collections.abc import Iterable
from typing import NamedTuple

from costsim.tasks.facts import NO_SYSTEM, SILENT, SYSTEM_DECIDES, facts_of_shape, facts_of_text
from costsim.tasks.labels import Shape
from costsim.tasks.model import SCALE, Model
from costsim.tasks.reading import FIRST, LAST, SYSTEM_FIRST, SYSTEM_LAST, ends, excerpt, normalise, words_of

SHARES = (1.0, 1.0, 0.4)
"""What a signal counts at the start, at the end and in the middle of what is read."""

SYSTEM_SHARES = (1.0, 1.0, 0.7)
"""The same of a system prompt, which is all instruction."""

DAMPED = 0.5
"""What the user's text counts where the system prompt states the task: it is then the material to work on."""

DECIDED = 2.0
"""The lead, in the points of signals.yaml, with which a system prompt states its task."""

OPEN = 2 * SCALE
"""With a smaller lead than this, in whole 1/SCALE of a point, a task is still open: then every word is looked at."""

PLACES = ("first words", "last words", "middle")


class Finding(NamedTuple):
    """One signal of a request: its number, how much it counts, and where it stands."""

    signal: int
    share: float
    where: str


def findings(model: Model, system: str, user: str, shape: Shape, answer: str | None = None) -> list[Finding]:
    """Return everything that the classifier sees in a request; `guess` adds up the same, faster."""
    found, share = findings_of_system(model, system)
    found += [_fact(model, fact, 1.0, "shape") for fact in facts_of_shape(shape, answer)]
    if not user or user.isspace():
        return found
    found += _of_user(model, user, share)
    if model.words and lead_of(model, found) < OPEN:
        said = set(words_of(normalise(ends(excerpt(user, FIRST, LAST))))[0])
        found += [Finding(model.words[word], 1.0, "words") for word in sorted(said & model.words.keys())]
    return found


def lead_of(model: Model, found: Iterable[Finding]) -> int:
    """Return the lead of the best task over the next by these findings, in 1/SCALE of a point as `pack` rounds."""
    rows = [(model.bias, 1.0), *((model.points[one.signal], one.share) for one in found)]
    scores = [sum(round(points[lane] * share * SCALE) for points, share in rows) for lane in range(len(model.labels))]
    best, second = sorted(scores)[-2:][::-1]
    return best - second


def findings_of_system(model: Model, system: str) -> tuple[list[Finding], float]:
    """Return the findings of a system prompt, and what those of the user's text then count."""
    if not system or system.isspace():
        return [_fact(model, NO_SYSTEM, 1.0, "shape")], 1.0
    read = model.reader.read(normalise(excerpt(system, SYSTEM_FIRST, SYSTEM_LAST)))
    shown = [(signal, place) for signal, place in read.items() if model.places[signal] != "user"]
    found = [Finding(signal, SYSTEM_SHARES[place], "system") for signal, place in shown]
    if not _state_a_task(model, found):
        return found, 1.0
    return [*found, _fact(model, SYSTEM_DECIDES, 1.0, "system")], DAMPED


def _state_a_task(model: Model, found: list[Finding]) -> bool:
    """Whether the findings of a system prompt alone name a task, by the points that people can read."""
    lanes = [sum(model.by_hand[one.signal][lane] * one.share for one in found) for lane in range(len(model.labels))]
    lanes.sort()
    return lanes[-1] - lanes[-2] > DECIDED


def _of_user(model: Model, user: str, share: float) -> list[Finding]:
    written = excerpt(user, FIRST, LAST)
    text = normalise(written)
    read = model.reader.read(text)
    shown = [(signal, place) for signal, place in read.items() if model.places[signal] != "system"]
    found = [Finding(signal, SHARES[place] * share, PLACES[place]) for signal, place in shown]
    facts = facts_of_text(len(user), written, text) + ([] if read else [SILENT])
    return found + [_fact(model, fact, share, "shape") for fact in facts]


def _fact(model: Model, fact: int, share: float, where: str) -> Finding:
    return Finding(model.first_fact + fact, share, where)
