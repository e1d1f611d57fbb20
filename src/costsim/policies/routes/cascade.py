"""`cascade`: a cheap attempt first, judged, and a dearer one where it was not good enough; every leg is billed."""

from collections.abc import Iterator

import numpy as np

from costsim.policies.attempts import Bools, Ints, Kind, Leg, times, whole
from costsim.policies.desk import Desk
from costsim.policies.document import Escalate, Route, Verifier
from costsim.schema import distinct


def legs(route: Route, rows: Ints, desk: Desk) -> list[Leg]:
    """Return every leg with its share, which may be none; one that cannot do a call, or asks again, is left out."""
    return list(_legs(route, rows, desk))


def _legs(route: Route, rows: Ints, desk: Desk) -> Iterator[Leg]:
    escalate = route.escalate or Escalate()
    targets = [desk.choose(target, rows) for target in route.cascade or []]
    reaches = whole(len(rows))
    number = np.zeros(len(rows), np.int64)
    before = np.full(len(rows), -1, np.int64)
    for place, model in enumerate(targets):
        asks = (model >= 0) & (model != before)
        judged = asks & _another_follows(targets[place + 1 :], model)
        for which, kind in ((judged, Kind.TRY), (asks & ~judged, Kind.ANSWER)):
            yield from _by_number(which, number, rows, model, reaches, before, kind, escalate, desk)
        if judged.any():
            reaches[judged] = times(reaches[judged], desk.escalates(escalate, rows[judged], model[judged]))
        before[asks] = model[asks]
        number[asks] += 1


def _by_number(
    which: Bools, number: Ints, rows: Ints, model: Ints, reaches: Ints, before: Ints, kind: Kind,
    escalate: Escalate, desk: Desk,
) -> Iterator[Leg]:  # fmt: skip
    """One leg, in parts by how many models were asked before it, each with its judge."""
    for asked in distinct(number[which]).tolist():
        part = np.flatnonzero(which & (number == asked))
        carried = desk.answer_tokens(rows[part], before[part]) if escalate.carry_answer and asked else None
        yield Leg(rows[part], model[part], reaches[part], asked, kind, reads_more=carried)
        if kind == Kind.TRY and escalate.verifier is not None:
            yield _judge(escalate.verifier, rows[part], model[part], reaches[part], asked, desk)


def _another_follows(later: list[Ints], model: Ints) -> Bools:
    """Whether a later leg can take a call over from this one: the last answer that can be had is not judged."""
    follows = np.zeros(len(model), np.bool_)
    for other in later:
        follows |= (other >= 0) & (other != model)
    return follows


def _judge(verifier: Verifier, rows: Ints, model: Ints, share: Ints, number: int, desk: Desk) -> Leg:
    """The request that judges an answer: it reads the prompt and the answer, or as much as the policy says."""
    judge = np.full(len(rows), desk.model(verifier.model), np.int64)
    answer = desk.answer_tokens(rows, model) if verifier.input_tokens is None else None
    return Leg(
        rows, judge, share, number, Kind.VERIFY,
        reads_more=answer, reads=verifier.input_tokens, writes=verifier.output_tokens,
    )  # fmt: skip
