"""Token factors: what they are made of, and how evidence moves them."""

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from costsim.projection import ONE, Answered, Factor, Measured, alone, factors, measured, repeated

MODELS = ("openai/gpt-4o", "anthropic/claude-3-haiku", "google/gemini-2.5-pro", "nowhere/nothing-1")
TASKS = ("code", "math", None)

CALLS = st.lists(
    st.tuples(
        st.integers(0, 6),  # a prompt; 0: the log has none
        st.integers(-1, len(MODELS) - 1),
        st.integers(0, len(TASKS) - 1),
        st.integers(-1, 5000),
        st.integers(-1, 3_000_000),
    ),
    max_size=60,
)

Call = tuple[int, int, int, int, int]


def answered(calls: list[Call]) -> Answered:
    prompt, model, task, into, out = np.array(calls or np.zeros((0, 5)), np.int64).reshape(-1, 5).T
    far_apart = prompt.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return Answered(far_apart, model.astype(np.int32), task.astype(np.int32), into, out)


def by_hand(calls: list[Call]) -> dict[tuple[str, str, str | None], list[int]]:
    """Sums of prompts, x and y over prompts that two models answered, call by call."""
    answers = defaultdict(list)
    for prompt, model, task, into, out in calls:
        if prompt and model >= 0 and into > 0 and out > 0:
            answers[prompt, MODELS[model]].append((task, min(out, 1 << 20)))
    sums: dict[tuple[str, str, str | None], list[int]] = defaultdict(lambda: [0, 0, 0])
    for (prompt, source), mine in answers.items():
        for (other, target), its in answers.items():
            if prompt == other and source < target:
                x, y = (int(sum(out for _, out in some) / len(some) + 0.5) for some in (mine, its))
                key = (source, target, TASKS[min(task for task, _ in mine)])
                sums[key] = [a + b for a, b in zip(sums[key], (1, x, y), strict=True)]
    return sums


@given(CALLS)
def test_sums_of_matched_prompts_are_those_that_one_counts_by_hand(calls: list[Call]) -> None:
    found = measured(answered(calls), MODELS, TASKS)
    assert {key: [*pair[:3]] for key, pair in found.outputs.items()} == by_hand(calls)


@given(CALLS, st.integers(1, 5), st.integers(5, 50))
def test_a_log_says_the_same_in_any_batches_and_any_parts(calls: list[Call], batches: int, at_once: int) -> None:
    def load(batch: int) -> Answered:
        return answered(calls[::-1][batch::batches])

    together = measured(answered(calls), MODELS, TASKS)
    found = repeated(load, batches, len(calls), MODELS, TASKS, at_once)
    for batch in range(batches):
        found += alone(load(batch), MODELS, TASKS)
    assert found == together


def test_a_call_on_another_provider_of_its_model_stays_as_it_is() -> None:
    found = factors().of("anthropic/claude-opus-4-8", "bedrock/us.anthropic.claude-opus-4-8-v1:0", "code")
    assert (found.input, found.output, found.input_sd, found.output_sd) == (ONE, ONE, 0.0, 0.0)
    assert found.output_basis == "same model"


@pytest.mark.parametrize("task", ["code", "math", "chat", None])
def test_the_way_back_is_the_inverse(task: str | None) -> None:
    there, back = (factors().of(*pair, task) for pair in (MODELS[:2], MODELS[1::-1]))
    assert there.output * back.output == pytest.approx(ONE * ONE, rel=1e-5)
    assert there.output_sd == back.output_sd


def test_models_that_nobody_measured_are_like_their_family_and_strangers_are_unknown() -> None:
    today = factors().of("openai/gpt-5.5", "anthropic/claude-sonnet-4-6", "code")
    stranger = factors().of("openai/gpt-5.5", "nowhere/nothing-1", "code")
    nameless = factors().of(None, "nowhere/nothing-1", "code")
    assert today.input_basis == today.output_basis == "prior"
    assert (stranger.output_basis, stranger.output, nameless.output) == ("unknown", ONE, ONE)
    assert today.input_sd < stranger.input_sd


def test_a_model_that_thinks_writes_more_and_less_predictably() -> None:
    says = factors().of("openai/gpt-4o", "google/gemini-2.0-flash", "chat")
    thinks = factors().of("openai/gpt-4o", "google/gemini-2.5-pro", "chat")
    assert thinks.output > 2 * says.output
    chat = factors().of("openai/gpt-4o", "openai/gpt-5-chat", "chat")
    assert chat.output < factors().of("openai/gpt-4o", "openai/gpt-5", "chat").output / 2
    assert thinks.output_sd > 2 * says.output_sd


def test_how_much_a_model_thinks_is_taken_from_the_log_where_it_tells() -> None:
    def to_one_that_never_thinks(reasoning: int | None) -> Factor:
        calls = answered([(n + 1, 2, 0, 100, 400) for n in range(50)])
        if reasoning is not None:
            calls = replace(calls, reasoning_tokens=np.full(50, reasoning))
        return factors(measured(calls, MODELS, TASKS)).of(MODELS[2], MODELS[0], "code")

    untold, much, none = (to_one_that_never_thinks(reasoning) for reasoning in (None, 300, 0))
    assert much.output == pytest.approx(none.output / 4, rel=1e-5)
    assert much.output_sd == none.output_sd < untold.output_sd / 2


def probes(number: int, ratio: float) -> Measured:
    """So many prompts on two models, of which the second writes `ratio` times as much."""
    draw = np.random.default_rng(1)
    written = np.exp(draw.normal(5, 0.8, number)).round()
    calls = [(n + 1, 0, 0, 100, max(1, round(tokens))) for n, tokens in enumerate(written)]
    calls += [(n + 1, 1, 0, 130, max(1, round(tokens * ratio))) for n, tokens in enumerate(written)]
    return measured(answered(calls), MODELS, TASKS)


def test_the_more_probes_the_less_prior() -> None:
    found = [factors(probes(number, 3.0)).of(*MODELS[:2], "code") for number in (3, 30, 3000)]
    errors = [abs(math.log(each.output / ONE / 3.0)) for each in found]
    assert errors == sorted(errors, reverse=True)
    assert found[0].output_sd > found[1].output_sd > found[2].output_sd
    assert (found[2].output_basis, found[2].evidence) == ("measured", 3000)
    assert found[2].input == pytest.approx(1.3 * ONE, rel=0.001)


def test_a_short_prompt_says_nothing_of_a_tokenizer_as_a_schema_beside_it_may_be_longer() -> None:
    short, long = (
        factors(measured(answered([(1, 0, 0, size, 20), (1, 1, 0, size * 3, 20)]), MODELS, TASKS)).of(
            *MODELS[:2], "code"
        )
        for size in (17, 170)
    )
    unmeasured = factors().of(*MODELS[:2], "code")
    assert (short.input, short.input_sd, short.input_basis) == (unmeasured.input, unmeasured.input_sd, "prior")
    assert long.input > 2 * unmeasured.input


def test_probes_of_one_task_speak_for_another_but_less_surely() -> None:
    measured_here = factors(probes(3000, 3.0))
    here, elsewhere, nowhere = (
        measured_here.of(*MODELS[:2], "code"),
        measured_here.of(*MODELS[:2], "math"),
        factors().of(*MODELS[:2], "math"),
    )
    assert nowhere.output < elsewhere.output < here.output
    assert here.output_sd < elsewhere.output_sd < nowhere.output_sd


def of_others(output: int, length: int = 100) -> Factor:
    """What a log says in which the second model had other prompts of the same task as the first, which writes 53."""
    calls = [(n + 1, n % 2, 0, (100, length)[n % 2], (50, output)[n % 2] + n % 7) for n in range(2000)]
    return factors(measured(answered(calls), MODELS, TASKS)).of(*MODELS[:2], "code")


def test_other_prompts_of_the_same_task_say_something_of_output_and_nothing_of_input() -> None:
    without, alike, longer = factors().of(*MODELS[:2], "code"), of_others(75), of_others(75, 200)
    assert alike.output_basis == "estimated"
    assert without.output < longer.output < alike.output < 1.5 * ONE
    assert longer.output_sd > alike.output_sd
    assert (longer.input, longer.input_sd) == (without.input, without.input_sd)


def test_a_model_that_had_quite_other_work_says_nothing_of_another() -> None:
    without, found = factors().of(*MODELS[:2], "code"), of_others(5000)
    assert found.output_basis == "prior"
    assert found.output == pytest.approx(without.output, rel=0.1)


def test_what_a_policy_states_is_taken_at_its_word() -> None:
    stated = factors(probes(3000, 3.0), "same", {MODELS[1]: 1.1})
    found, other = stated.of(*MODELS[:2], "code"), stated.of(MODELS[0], MODELS[2], "code")
    assert (found.input, found.input_basis, found.input_sd) == (ONE, "same (assumed)", 0.0)
    assert (found.output, found.output_basis, found.output_sd) == (1_100_000, "given", 0.0)
    assert other.output_basis == "prior"
