"""Many guesses at once are the guesses one by one."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xxhash import xxh3_64_intdigest

from costsim.tasks import COMPLEXITIES, Classifier, Guess, Shape, TaskMap
from costsim.tasks.batches import BatchClassifier, Texts
from costsim.tasks.fact_columns import Shapes
from costsim.tasks.model import OwnType, build, read_fitted, read_signals

Call = tuple[str, str, Shape, str | None, str]
"""System prompt, user's message, shape, answer, operation."""

_CLASSIFIER = Classifier(TaskMap(routes={"triage": "classification"}))
_OWN = Classifier(
    TaskMap(
        systems={"helpful * assistant": "chat"},
        types={
            "wrap_up": OwnType(like="summarization", says="bullet points | 12"),
            "other": OwnType(commands="please"),
        },
        unknown_below=0.6,
    )
)
_SAID = (
    "Summarize the article below in 3 bullet points.\n", "Translate to German: ", "¿Puedes resumir este texto? ",
    "请翻译:", "Classify the ticket as billing or bug", "def f(x):\n    return x", "```py\n", "\2", "\x0b", "  \n\t",
    "?", ":",
    "12 apples and 30 pears cost 4.20; how many", "you are a helpful assistant.", "Reply with one word.", "é" * 9,
    "please rewrite", "\ud800", "if (a[0] == {b}) {x = c;}\n", "- one\n", "1. two\n", "• ",
)  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_SAID) | st.text(max_size=12), max_size=60).map("".join)
_COUNTS = st.none() | st.integers(0, 5000)
_SHAPES = st.builds(
    Shape, turns=st.integers(0, 9), has_tools=st.booleans(), called_tools=st.booleans(), wants_json=st.booleans(),
    max_output_tokens=_COUNTS, input_tokens=_COUNTS, output_tokens=_COUNTS,
)  # fmt: skip
_CALLS = st.tuples(_TEXTS, _TEXTS, _SHAPES, st.none() | _TEXTS, st.sampled_from(["chat", "completion", "embedding"]))


def _at_once(calls: list[Call], classifier: Classifier = _CLASSIFIER, route: str | None = None) -> list[Guess]:
    batches, texts = BatchClassifier(classifier), Texts()
    for system, user, _, answer, operation in calls:
        key = xxh3_64_intdigest(system.encode("utf-8", "surrogatepass")) if system else 0
        if not batches.knows(key):
            batches.learn(key, system)
        batches.add(texts, [key], [user], [answer], [route], [None], [operation])
    found = batches.guess(texts, _shapes([shape for _, _, shape, _, _ in calls]))
    return [
        Guess(batches.tasks[task], float(confidence), COMPLEXITIES[hard], float(score))
        for task, confidence, hard, score in zip(
            found.task, found.confidence, found.complexity, found.score, strict=True
        )
    ]


def _shapes(shapes: list[Shape]) -> Shapes:
    def counts(name: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.array([-1 if (count := getattr(shape, name)) is None else count for shape in shapes], np.int64)

    def flags(name: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        return np.array([bool(getattr(shape, name)) for shape in shapes], dtype=bool)

    return Shapes(
        counts("turns"), flags("has_tools"), flags("called_tools"), flags("wants_json"),
        counts("max_output_tokens"), counts("input_tokens"), counts("output_tokens"),
    )  # fmt: skip


def _one_by_one(calls: list[Call], classifier: Classifier = _CLASSIFIER, route: str | None = None) -> list[Guess]:
    return [
        classifier.guess(system, user, shape, route, None, answer, operation)
        for system, user, shape, answer, operation in calls
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_CALLS, min_size=1, max_size=6))
def test_a_batch_of_any_texts_and_shapes_is_guessed_as_one_by_one(calls: list[Call]) -> None:
    assert _at_once(calls) == _one_by_one(calls)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_CALLS, min_size=1, max_size=6))
def test_with_types_and_system_prompts_of_the_users_own_too(calls: list[Call]) -> None:
    assert _at_once(calls, _OWN) == _one_by_one(calls, _OWN)


def test_everyday_prompts_are_guessed_alike() -> None:
    prompts = yaml.safe_load((Path(__file__).parent / "everyday.yaml").read_text(encoding="utf-8"))
    texts = [text for text in _strings(prompts) if len(text) > 8]
    calls: list[Call] = [(texts[n - 1] if n % 3 else "", text, Shape(), None, "chat") for n, text in enumerate(texts)]
    assert _at_once(calls) == _one_by_one(calls)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for each in inner for text in _strings(each)]


def test_the_users_map_wins_in_a_batch_too() -> None:
    calls: list[Call] = [
        ("", "Translate this to French: hello", Shape(), None, "chat"),
        ("", "", Shape(), None, "chat"),
    ]
    assert [guess.task for guess in _at_once(calls, route="triage")] == ["classification", "classification"]
    assert _at_once(calls, route="triage") == _one_by_one(calls, route="triage")


def test_after_many_texts_the_next_ones_are_read_in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("costsim.tasks.batches.MANY", 3)
    model = build(read_signals(), read_fitted())
    batches = BatchClassifier(Classifier(model=model))
    batches.learn(0, "")
    hurried = []
    for _ in range(2):
        texts = Texts()
        batches.add(texts, [0, 0], ["Summarize this."] * 2, [None] * 2, [None] * 2, [None] * 2, ["chat"] * 2)
        batches.guess(texts, _shapes([Shape()] * 2))
        hurried.append(model.reader.hurries)
    assert hurried == [False, True]


def test_a_log_of_ever_new_system_prompts_is_not_remembered_for_ever() -> None:
    batches = BatchClassifier(_CLASSIFIER)
    for start in range(0, 20_000, 5_000):
        texts = Texts()
        for number in range(start, start + 5_000):
            batches.learn(number, f"You are bot {number}.")
            batches.add(texts, [number], ["Summarize this."], [None], [None], [None], ["chat"])
        batches.guess(texts, _shapes([Shape()] * 5_000))
    assert len(batches._systems) <= 5_000 + 8_192
