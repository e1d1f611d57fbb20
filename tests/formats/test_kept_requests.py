"""Requests that tracers keep: what is taken as it stands says what decoding it would have said."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from costsim.formats.shared.attributes import value_of
from costsim.formats.shared.kept_answer import kept_answer
from costsim.formats.shared.kept_request import request_in
from costsim.formats.shared.kept_text import fill
from costsim.schema import Call, answer_of, text_of

words = st.text(alphabet='ab"\\\n\t/é—😀\x01 {}[]:,', max_size=12)
messages = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": words}), max_size=4
)
serialised = st.lists(
    st.builds(
        lambda kind, inside: {"lc": 1, "type": "constructor", "id": ["langchain", f"{kind}Message"], "kwargs": inside},
        st.sampled_from(["System", "Human", "AI", "Tool"]),
        st.fixed_dictionaries(
            {"content": words},
            optional={"type": st.sampled_from(["human", "function_call"]), "tool_calls": st.just([{"name": "f"}])},
        ),
    ),
    max_size=3,
)
requests = st.one_of(
    messages,
    st.fixed_dictionaries({"model": words, "messages": messages, "max_tokens": st.integers(1, 9)}),
    words,
    serialised,
    st.fixed_dictionaries({"messages": st.lists(serialised, max_size=2)}),
)


def texts(value: Any) -> list[bytes]:
    """A value as JSON, and as JSON in a text, with and without escapes for what is not ASCII, in one line or more."""
    plain = [
        json.dumps(value, ensure_ascii=escaped, indent=indent) for escaped in (True, False) for indent in (None, 1)
    ]
    return [text.encode() for each in plain for text in (each, json.dumps(each), json.dumps(each, ensure_ascii=False))]


@given(request=requests)
def test_messages_as_they_stand_are_those_that_are_decoded(request: Any) -> None:
    for raw in texts(request):
        plain, taken = Call(), Call()
        fill(plain, value_of(raw), None)
        given_, messages = request_in(raw)
        fill(taken, given_, None, messages)
        assert [(role, text_of((role, text))) for role, text in taken.messages or ()] == (plain.messages or [])
        assert taken.max_output_tokens == plain.max_output_tokens


contents = st.one_of(
    words,
    st.none(),
    st.lists(st.fixed_dictionaries({"type": st.sampled_from(["text", "tool_use"]), "text": words}), max_size=2),
)
endings = st.sampled_from(["stop", None, {"finish_reason": "length"}])
answer_messages = st.fixed_dictionaries(
    {"role": st.just("assistant"), "content": contents},
    optional={
        "tool_calls": st.sampled_from([None, [], [{"function": {"name": "f", "arguments": "{}"}}]]),
        "refusal": st.sampled_from([None, "no"]),
        "stop_reason": endings,
        "text": words,
        "type": st.sampled_from(["message", "tool_use"]),
        "message": words,
    },
)
choices = st.lists(
    st.fixed_dictionaries({"message": answer_messages}, optional={"finish_reason": endings, "text": words}), max_size=2
)
answers = st.one_of(
    words,
    answer_messages,
    choices,
    st.fixed_dictionaries({"choices": choices}, optional={"content": words, "message": answer_messages, "id": words}),
)


@given(answer=answers)
def test_an_answer_as_it_stands_is_the_one_that_is_decoded(answer: Any) -> None:
    for raw in texts(answer):
        plain, taken = Call(), Call()
        fill(plain, None, value_of(raw))
        kept = kept_answer(raw)
        fill(taken, None, kept.value, None, kept.said)
        assert answer_of(taken) == answer_of(plain)
        assert (taken.finish_reason, taken.answer_has_tool_calls) == (plain.finish_reason, plain.answer_has_tool_calls)
        assert taken.answer_check == plain.answer_check
