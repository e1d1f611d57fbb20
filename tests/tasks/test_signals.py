"""The data files and the reading of texts by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.errors import ConfigError
from costsim.tasks.facts import FACTS
from costsim.tasks.model import (
    HALF,
    LABELS,
    LANES,
    SCALE,
    Fitted,
    Signal,
    build,
    pack,
    read_fitted,
    read_signals,
    shipped,
    unpack,
)
from costsim.tasks.reading import ANYWHERE, ASK, CHOICE, COMMAND, FIRST_WORDS, Reader, excerpt, normalise

whole_points = st.lists(st.integers(-1500, 1500), min_size=LANES, max_size=LANES)


def shown(text: str, words: str, manner: int = ANYWHERE) -> bool:
    return bool(Reader([(words, 0, manner)]).read(normalise(excerpt(text, 100, 100))))


def test_a_reader_in_a_hurry_finds_what_it_found_before() -> None:
    reader = Reader([("summar*", 0, COMMAND), ("sum", 1, ANYWHERE), ("what is", 2, ASK), ("übersetz*", 3, ANYWHERE)])
    texts = [excerpt(text, 100, 100) for text in ("What is the sum? Summarize it.", "Bitte übersetze: what is it")]
    raw = normalise("".join(texts))
    before = reader.hits(raw, len(normalise(texts[0])))
    reader.hurry()
    assert reader.hits(raw, len(normalise(texts[0]))) == before
    assert {reader.rows[pattern][0] for pattern, _, _ in before} == {0, 1, 2, 3}


@given(st.lists(whole_points, max_size=20))
def test_packed_points_add_up_lane_by_lane(rows: list[list[int]]) -> None:
    total = sum(pack([point / SCALE for point in row]) for row in rows)
    assert [lane - HALF for lane in unpack(total)] == [sum(lane) for lane in zip(*rows, strict=True)] or not rows


def test_a_lane_holds_whatever_all_signals_together_may_add() -> None:
    model = shipped()
    words = len(model.points) - len(model.words)  # found in the user's text alone, all others in two texts
    for lane in range(LANES):
        most = [abs(points[lane]) * (2 if number < words else 1) for number, points in enumerate(model.points)]
        assert sum(most) * SCALE < HALF


@pytest.mark.parametrize(
    ("text", "words", "manner", "found"),
    [
        ("Please SUMMARISE this.", "summari*", ANYWHERE, True),
        ("the artist", "art", ANYWHERE, False),
        ("modern art.", "art", ANYWHERE, True),
        ("smart", "art", ANYWHERE, False),
        ("within 30 days", "00 days", ANYWHERE, True),
        ("an e-mail", "email", ANYWHERE, True),
        ("请翻译成英文", "翻译", ANYWHERE, True),
        ("Übersetze das", "übersetz*", ANYWHERE, True),
        ("ПЕРЕВЕДИ и Переведи", "перевед*", ANYWHERE, True),
        ("Translate this", "translate", COMMAND, True),
        ("Could you translate this", "translate", COMMAND, True),
        ("- **Translate** it", "translate", COMMAND, True),
        ("they translate books", "translate", COMMAND, False),
        ("Hello. What is it", "what", ASK, True),
        ("billing or tech? It crashes", "or", CHOICE, True),
        ("It is one or the other. Why?", "or", CHOICE, False),
        ("orders?", "or", CHOICE, False),
        ("what’s new", "what's new", ANYWHERE, True),
        ("I know what it is", "what", ASK, False),
        ("Hi there", "hi", FIRST_WORDS, True),
        ("\n Hi there", "hi", FIRST_WORDS, True),
        ("Well\nHi there", "hi", FIRST_WORDS, False),
    ],
)
def test_words_are_found_where_they_may_stand(text: str, words: str, manner: int, found: bool) -> None:
    assert shown(text, words, manner) is found


@given(st.text())
def test_an_excerpt_is_never_longer_than_asked_for(text: str) -> None:
    assert len(excerpt(text, 5, 4)) <= 5 + 4 + len("\2\n\n  ")


def test_what_was_fitted_belongs_to_signals_that_exist() -> None:
    fitted = read_fitted()
    assert set(fitted.points) <= set(shipped().names)
    assert {task for points in fitted.points.values() for task in points} <= set(LABELS)


def test_fitted_weights_stay_near_the_points_that_people_read() -> None:
    model = shipped()
    far = [
        (name, LABELS[lane])
        for name, stated, fitted in zip(model.names, model.by_hand, model.points, strict=True)
        for lane in range(len(LABELS))
        if abs(stated[lane] - fitted[lane]) > 1.5
    ]
    assert far == []


def test_the_facts_of_the_data_file_are_those_of_the_code() -> None:
    rows = read_signals()
    assert set(rows.facts) == set(FACTS)
    del rows.facts["brief"]
    with pytest.raises(ConfigError, match="differ: brief"):
        build(rows, Fitted())


def test_a_signal_for_an_unknown_task_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'math'"):
        Signal(points={"maths": 1.0}).lanes("x")
