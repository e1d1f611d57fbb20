"""Answers that name the one before them are one conversation, in whatever order and batches they are read."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from costsim.app.reading import Reading, calls_of
from costsim.ingest.ties import chains, keys
from costsim.ingest.ties.keys import CONVERSATION, ID, PREVIOUS


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(-3, 11), min_size=1, max_size=12), st.integers(1, 12), st.randoms(use_true_random=False))
def test_every_call_of_a_chain_finds_its_first_answer(before: list[int], cut: int, order: Any) -> None:
    """`before` names, for each answer, an earlier one, one that the log does not hold (negative), or none (its own)."""
    previous = {n + 1: (0 if each >= n else each + 1 if each >= 0 else 100 - each) for n, each in enumerate(before)}

    def first(answer: int) -> int:
        while previous.get(answer):
            answer = previous[answer]
        return answer

    chained = {answer for answer, each in previous.items() if each} | set(previous.values())
    expected = {answer: first(answer) for answer in previous if answer in chained}
    answers = list(previous)
    order.shuffle(answers)
    table = np.zeros((len(keys.NAMES), len(answers)), np.int64)
    table[ID], table[PREVIOUS] = answers, [previous[each] for each in answers]
    batches = np.split(table, [min(cut, len(answers))], axis=1)
    found = {
        int(batches[batch][ID, place]): int(start)
        for batch, places, starts in chains.conversations(lambda batch, row: batches[batch][row], len(batches))
        for place, start in zip(places, starts, strict=True)
    }
    assert found == expected


def test_a_chain_that_goes_in_a_circle_ends_and_a_known_conversation_stays() -> None:
    table = np.zeros((len(keys.NAMES), 3), np.int64)
    table[ID], table[PREVIOUS], table[CONVERSATION] = [1, 2, 3], [2, 1, 1], [0, 0, 9]
    ((_, places, _),) = chains.conversations(lambda _, row: table[row], 1)
    assert places.tolist() == [0, 1]


def test_the_calls_of_a_log_are_in_the_conversations_that_their_answers_continue(tmp_path: Path) -> None:
    def record(name: str, previous: str | None, **request: Any) -> dict[str, Any]:
        usage = {"input_tokens": 9, "output_tokens": 1}
        answer = {"id": name, "object": "response", "model": "m", "usage": usage, "previous_response_id": previous}
        return {"request": {"model": "m", "input": "Hi", **request}, "response": answer}

    records = [
        record("resp_c", "resp_b"), record("resp_a", None), record("resp_b", "resp_a"), record("resp_x", None),
        record("resp_y", "resp_lost"), record("resp_z", "resp_lost"), record("resp_k", "resp_a", conversation="own"),
    ]  # fmt: skip
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    with calls_of([str(tmp_path / "log.jsonl")], Reading(home=tmp_path, workers=1)) as store:
        rows = [row for batch in store.batches(["call_id", "conversation_id"]) for row in batch.to_pylist()]
    found = {row["call_id"].removeprefix("resp_"): row["conversation_id"] for row in rows}
    assert found["a"] == found["b"] == found["c"] is not None
    assert found["y"] == found["z"] not in (None, found["a"])
    assert (found["x"], found["k"]) == (None, "own")
