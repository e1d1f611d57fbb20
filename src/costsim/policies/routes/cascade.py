"""`cascade`: a cheap attempt first, judged, and a dearer one where it was not good enough; every leg is billed."""

from collections.abc import Iterator

import numpy as np

from costsim.policies.attempts import Ints, Kind, Leg, times, whole
from costsim.policies.desk import Desk
from costsim.policies.document import Escalate, Route


def legs(route: Route, rows: Ints, desk: Desk) -> list[Leg]:
    """Return every leg with its share; a leg that cannot do a call, or that asks the same model again, is skipped."""
    return list(_legs(route, rows, desk))


def _legs(route: Route, rows: Ints, desk: Desk) -> Iterator[Leg]:
    escalate = route.escalate or Escalate()
    targets = [desk.choose(target, rows) for target in route.cascade or []]
    reaches = whole(len(rows))
    before = np.full(len(rows), -1, np.int64)
    for number, model in enumerate(targets):
        asked = np.flatnonzero((model >= 0) & (model != before) & (reaches > 0))
        if len(asked):
            carried = _carried(escalate, rows[asked], before[asked], desk)
            yield Leg(rows[asked], model[asked], reaches[asked], number, reads_more=carried)
        judged = asked[_another_follows(targets[number + 1 :], model, asked)]
        if len(judged):
            if escalate.verifier is not None:
                yield _verifier(escalate, rows[judged], model[judged], reaches[judged], number, desk)
            rate = desk.escalates(escalate, rows[judged], model[judged])
            reaches[judged] = times(reaches[judged], rate)
        before[asked] = model[asked]


def _another_follows(later: list[Ints], model: Ints, asked: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether a later leg can take a call over from this one: the last answer that can be had is not judged."""
    follows = np.zeros(len(asked), np.bool_)
    for other in later:
        follows |= (other[asked] >= 0) & (other[asked] != model[asked])
    return follows


def _carried(escalate: Escalate, rows: Ints, before: Ints, desk: Desk) -> Ints | None:
    if not escalate.carry_answer or not (before >= 0).any():
        return None
    return np.where(before >= 0, desk.answer_tokens(rows, before), 0)


def _verifier(escalate: Escalate, rows: Ints, model: Ints, share: Ints, number: int, desk: Desk) -> Leg:
    """The request that judges an answer: it reads the prompt and the answer, or as much as the policy says."""
    verifier = escalate.verifier
    assert verifier is not None
    judge = np.full(len(rows), desk.model(verifier.model), np.int64)
    answer = desk.answer_tokens(rows, model) if verifier.input_tokens is None else None
    return Leg(
        rows, judge, share, number, Kind.VERIFY,
        reads_more=answer, reads=verifier.input_tokens, writes=verifier.output_tokens,
    )  # fmt: skip
