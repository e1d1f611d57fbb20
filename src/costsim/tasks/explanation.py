"""Why a task was chosen: every signal with the points that it gave to the winner and to the runner-up."""

from costsim.tasks.findings import Finding, findings
from costsim.tasks.labels import Reason, Shape
from costsim.tasks.model import Model


def reasons(model: Model, system: str, user: str, shape: Shape, answer: str | None) -> list[Reason]:
    """Return the signals for the best two tasks, strongest first; the weights add up to the scores."""
    found = findings(model, system, user, shape, answer)
    scores = scores_of(model, found)
    best, second = sorted(range(len(model.labels)), key=lambda lane: -scores[lane])[:2]
    listed = [_reason(model, one, lane) for lane in (best, second) for one in found]
    listed += [
        Reason(model.labels[lane], "how common it is", model.bias[lane], "all requests") for lane in (best, second)
    ]
    first = model.labels[best]
    return sorted(
        (reason for reason in listed if reason.weight),
        key=lambda one: (one.task != first, -abs(one.weight), one.signal),
    )


def scores_of(model: Model, found: list[Finding]) -> list[float]:
    """Return the points of each task for these findings."""
    return [
        model.bias[lane] + sum(model.points[one.signal][lane] * one.share for one in found)
        for lane in range(len(model.labels))
    ]


def _reason(model: Model, one: Finding, lane: int) -> Reason:
    return Reason(model.labels[lane], model.names[one.signal], model.points[one.signal][lane] * one.share, one.where)
