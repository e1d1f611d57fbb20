"""Calls of one template vote on its task: whom it moves, whom it leaves alone, and that cuts do not matter."""

import json
import random
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.conftest import Read
from tests.ingest.logs import call, lines

from costsim.ingest import reading
from costsim.ingest.ties import keys, short_answers, votes
from costsim.ingest.ties.adopted import CERTAIN, adopt

SURE = "Translate to German: good morning, number {}"
VAGUE = "Parcel {}: the box was open and the cup inside was broken."
OTHER = "Write a Python function that adds {} to a list."


def asked(number: int, text: str, **changed: Any) -> dict[str, Any]:
    """A call without a limit and with a long answer, so that only its text speaks."""
    made = call(number, **changed)
    made["request"]["messages"][1]["content"] = text.format(number)
    made["response"]["usage"]["completion_tokens"] = 60
    return made


def log(*texts: str, times: int = 30, **changed: Any) -> list[dict[str, Any]]:
    return [asked(number, texts[number % len(texts)], **changed) for number in range(times)]


def found(read: Read, records: list[dict[str, Any]], **how: Any) -> list[tuple[str, float]]:
    """(task, confidence) of each call, in the order of the log."""
    rows = sorted(read(lines(*records), **how).rows(), key=lambda row: int(row["call_id"].rpartition("-")[2]))
    return [(row["task"], round(row["task_confidence"], 4)) for row in rows]


def tasks(read: Read, records: list[dict[str, Any]]) -> list[str]:
    return [task for task, _ in found(read, records)]


def test_an_unsure_call_adopts_what_nearly_all_others_of_its_system_prompt_are(read: Read) -> None:
    records = [*log(SURE), asked(30, VAGUE)]
    task, sure = found(read, records)[-1]
    assert task == "translation"
    assert votes.CLEAR <= sure < 1
    assert found(read, records[-1:])[0][0] != "translation"


def test_a_sure_call_keeps_its_task_whatever_the_others_are(read: Read) -> None:
    assert tasks(read, [*log(SURE), asked(30, OTHER)])[-1] == "code"


def test_mixed_work_stays_mixed(read: Read) -> None:
    records = log(SURE, OTHER, VAGUE)
    assert tasks(read, records)[2] == tasks(read, records[2:3])[0]


def test_few_calls_do_not_vote(read: Read) -> None:
    records = [*log(SURE, times=votes.FEWEST - 2), asked(90, VAGUE)]
    assert tasks(read, records)[-1] != "translation"


def test_calls_of_a_route_vote_where_every_system_prompt_is_another(read: Read) -> None:
    records = [*log(SURE), asked(30, VAGUE)]
    for record in records:
        record["request"]["messages"][0]["content"] = f"Today's number is {record['response']['id']}."
    assert tasks(read, records)[-1] == "translation"
    for record in records:
        record["route"] = None
    assert tasks(read, records)[-1] != "translation"


def test_a_copy_has_no_vote(read: Read) -> None:
    once = log(SURE, times=votes.FEWEST // 2)
    assert tasks(read, [*once, *once, *once, asked(90, VAGUE)])[-1] != "translation"


@pytest.mark.parametrize(("batch", "parts"), [(7, 5), (100_000, 1_000_000)])
def test_neither_cuts_nor_parts_nor_the_order_matter(
    read: Read, monkeypatch: pytest.MonkeyPatch, batch: int, parts: int
) -> None:
    records = log(SURE, VAGUE, SURE, SURE, SURE, SURE, times=90)
    expected = found(read, records)
    assert {task for task, _ in expected} == {"translation"}
    monkeypatch.setattr(reading, "BATCH_CALLS", batch)
    monkeypatch.setattr(votes, "AT_ONCE", parts)
    random.Random(3).shuffle(records)
    assert found(read, records) == expected


BALLOT = st.tuples(
    st.integers(0, 2),  # system prompt
    st.integers(0, 2),  # route
    st.sampled_from([0, 1, 2, 2, 2]),  # task
    st.integers(1, 10_000),  # how sure
    st.sampled_from([short_answers.NONE, short_answers.LONG, 3, 3, 5, 5, 7]),  # the answer's mark
    st.integers(0, 9),  # prompt
)
TASKS_OF_BALLOTS = ["code", "unknown", "classification"]


@settings(max_examples=200, deadline=None)
@given(st.lists(BALLOT, max_size=60), st.lists(st.integers(0, 60), max_size=8), st.integers(1, 70))
def test_votes_are_what_each_group_says_that_is_looked_at_by_itself(
    rows: list[tuple[int, ...]], cuts: list[int], at_once: int
) -> None:
    table = np.array(rows, np.int64).reshape(-1, len(votes.NAMES)).T
    named = [keys.hash_of(task) for task in TASKS_OF_BALLOTS]
    ballots = table.copy()
    ballots[votes.TASK] = [named[task] for task in table[votes.TASK]]
    batches = np.split(ballots, sorted(min(cut, len(rows)) for cut in cuts), axis=1)
    starts = np.cumsum([0, *(batch.shape[1] for batch in batches)])
    entered = np.full((2, len(rows)), votes.NONE, np.int16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(votes, "AT_ONCE", at_once)
        for module, name, value in (
            (votes, "FEWEST", 3), (short_answers, "FEWEST", 3), (short_answers, "MOST_LABELS", 2),
            (short_answers, "PROMPTS_A_LABEL", 2), (short_answers, "_MOST_PROMPTS", 4),
            (short_answers, "NEARLY_ALL", 0.8), (short_answers, "CLASSIFICATION", 2),
        ):  # fmt: skip
            patch.setattr(module, name, value)
        votes.find(lambda batch, row: batches[batch][row], len(batches), TASKS_OF_BALLOTS, "unknown", entered, starts)
        expected = _one_by_one(table.T.tolist())
    found = [(int(task), int(sure)) if task >= 0 else None for task, sure in entered.T]
    assert found == expected


def _one_by_one(rows: list[list[int]]) -> list[tuple[int, int] | None]:
    found: list[tuple[int, int] | None] = [None] * len(rows)
    heard: set[int] = set()
    for by in (votes.SYSTEM, votes.ROUTE):
        for group in {row[by] for row in rows} - {0}:
            mine = [place for place, row in enumerate(rows) if row[by] == group]
            if _classifies([rows[place] for place in mine]):
                _hear(rows, mine, found)
            _elect(rows, [place for place in mine if place not in heard and found[place] is None], found, heard)
    return found


def _classifies(rows: list[list[int]]) -> bool:
    given = [row for row in rows if row[votes.ANSWER] != short_answers.NONE]
    short = [row for row in given if row[votes.ANSWER] != short_answers.LONG]
    kinds = Counter(row[votes.ANSWER] for row in short)
    again = sum(count for count in kinds.values() if count > 1)
    asked = len({row[votes.PROMPT] for row in short})
    return (
        2 * len(given) >= len(rows) and len(short) >= 3 and len(short) >= 0.8 * len(given)
        and again >= 0.8 * len(short) and 1 < len(kinds) <= 2 and asked >= max(3, 2 * len(kinds))
    )  # fmt: skip


def _hear(rows: list[list[int]], mine: list[int], found: list[tuple[int, int] | None]) -> None:
    before = sum(
        int(short_answers.before_answers(np.array([rows[place][votes.TASK]]), np.array([rows[place][votes.SURE]]))[0])
        for place in mine
    )
    share = before / (len(mine) * CERTAIN)
    chance = round(short_answers.LIKELIER * share / (short_answers.LIKELIER * share + 1 - share) * CERTAIN)
    for place in mine:
        if found[place] is None and chance > CERTAIN / 2 and chance > rows[place][votes.SURE]:
            found[place] = (2, chance)


def _elect(rows: list[list[int]], mine: list[int], found: list[tuple[int, int] | None], heard: set[int]) -> None:
    if len(mine) < 3:
        return
    weights = Counter[int]()
    for place in mine:
        weights[rows[place][votes.TASK]] += rows[place][votes.SURE]
    winner = max((0, 2), key=lambda task: weights[task])
    share = weights[winner] / weights.total()
    heard.update(mine)
    for place in mine:
        if share >= votes.CLEAR and rows[place][votes.SURE] < votes.UNSURE:
            found[place] = (winner, round(share * CERTAIN))


QUEUES = ("billing", "Shipping.", "account", "shipping")
QUESTION = "What does the customer of parcel {} want?"


def answered(answers: tuple[str, ...], text: str = QUESTION, times: int = 40, **changed: Any) -> list[dict[str, Any]]:
    """Calls with these answers in turn, and a system prompt each, so that only the route ties them."""
    records = log(text, times=times, **changed)
    for number, record in enumerate(records):
        record["request"]["messages"][0]["content"] = f"Case {number} of today."
        record["response"]["choices"][0]["message"]["content"] = answers[number % len(answers)].format(number)
    return records


def test_a_route_that_is_answered_with_one_of_a_few_words_classifies(read: Read) -> None:
    records = answered(QUEUES)
    (task, sure), *others = found(read, records)
    assert task == "classification"
    assert 0.5 < sure < 1
    assert set(others) == {(task, sure)}
    assert found(read, records[:1])[0][0] == "question_answering"


def test_so_does_a_system_prompt(read: Read) -> None:
    records = [asked(number, QUESTION) | {"route": None} for number in range(40)]
    for number, record in enumerate(records):
        record["response"]["choices"][0]["message"]["content"] = QUEUES[number % 4]
    assert set(tasks(read, records)) == {"classification"}


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(("The parcel {} is late and he wants his money back; write to him today.",), id="long ones"),
        pytest.param(("refund {}", "parcel {}"), id="always another"),
        pytest.param(("done",), id="always the same"),
        pytest.param(("A", "B.", "c)", "D"), id="letters of options"),
        pytest.param(("1", "2", "30 %"), id="numbers"),
        pytest.param((*QUEUES, "He wants that somebody calls him back, before noon."), id="short ones among others"),
    ],
)
def test_other_answers_say_nothing(read: Read, answers: tuple[str, ...]) -> None:
    assert "classification" not in tasks(read, answered(answers))


def test_the_same_questions_again_and_again_are_no_labels(read: Read) -> None:
    records = answered(QUEUES, times=40)
    for number, record in enumerate(records):
        record["request"]["messages"][1]["content"] = QUESTION.format(number % 4)
        record["request"]["messages"][0]["content"] = f"Case {number % 4} of today."
    assert "classification" not in tasks(read, records)


def test_short_answers_do_not_outweigh_requests_that_say_what_they_are(read: Read) -> None:
    assert set(tasks(read, answered(QUEUES, SURE))) == {"translation"}


@pytest.mark.parametrize(("batch", "parts"), [(7, 5), (100_000, 1_000_000)])
def test_neither_cuts_nor_the_order_matter_to_answers(
    read: Read, monkeypatch: pytest.MonkeyPatch, batch: int, parts: int
) -> None:
    records = [*answered(QUEUES), *[asked(number, SURE, route="other") for number in range(40, 80)]]
    expected = found(read, records)
    monkeypatch.setattr(reading, "BATCH_CALLS", batch)
    monkeypatch.setattr(votes, "AT_ONCE", parts)
    random.Random(3).shuffle(records)
    assert found(read, records) == expected


def test_an_answer_is_known_however_the_log_writes_it() -> None:
    lower = json.dumps(" ja, später\n", ensure_ascii=False).encode()
    forms: list[str | bytes] = ["Ja, später", json.dumps("ja, später.").encode(), lower]
    marks = short_answers.marks_of([*forms, None, b'""', "x" * 99])
    assert len({*marks[:3].tolist()}) == 1
    assert marks[3:].tolist() == [short_answers.NONE, short_answers.NONE, short_answers.LONG]


def test_a_table_without_votes_is_returned_as_it_is() -> None:
    table = pa.table({"task": ["code", None], "task_confidence": pa.array([0.5, None], pa.float32())})
    assert adopt(table, np.full((2, 2), votes.NONE, np.int16), ["code"]) is table
    adopted = adopt(table, np.array([[-1, 1], [0, 9_000]], np.int16), ["code", "math"])
    assert adopted.column("task").to_pylist() == ["code", "math"]
    assert adopted.column("task_confidence").to_pylist() == pytest.approx([0.5, 0.9])
