"""The columns of `calls`, and money that goes from integers to decimals and back without loss."""

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from costsim import schema
from costsim.schema import Call

Ints = NDArray[np.int64]

AMOUNT = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(AMOUNT | st.none()), st.integers(0, 3))
def test_amounts_become_decimals_and_back_without_loss(values: list[int | None], skip: int) -> None:
    known = np.array([value is not None for value in values], bool)
    integers = np.array([value or 0 for value in values], np.int64)
    decimals = schema.decimals(integers, known)
    assert decimals.to_pylist() == [None if value is None else schema.usd(value) for value in values]
    part = pa.chunked_array([decimals]).slice(skip)
    assert schema.amounts(part).to_pylist() == values[skip:]


@given(AMOUNT)
def test_usd_is_exact(amount: int) -> None:
    assert schema.usd(amount) * 10**12 == amount
    assert schema.usd(2_500_000_000_000) == Decimal("2.5")


NUMBERS = st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1)).map(lambda some: np.array(some, np.int64))


@given(NUMBERS, NUMBERS)
def test_distinct_and_among_are_what_numpy_says_of_values(values: Ints, others: Ints) -> None:
    known = schema.distinct(others)
    assert known.tolist() == np.unique(others).tolist()
    assert schema.among(values, known).tolist() == np.isin(values, others).tolist()


@given(NUMBERS, st.sampled_from([np.int32, np.uint64, np.float32, np.bool_]), st.booleans())
def test_numbers_become_the_arrow_array_that_arrow_makes_of_them(values: Ints, kind: type, backwards: bool) -> None:
    column: NDArray[Any] = values.astype(kind)[:: -1 if backwards else 1]
    assert schema.as_arrow(column).equals(pa.array(column))
    assert schema.as_arrow(column, values > 0).equals(pa.array(column, mask=values <= 0))


def test_every_field_of_a_call_but_its_text_has_a_column() -> None:
    fields = set(Call.__struct_fields__)
    text = {"messages", "answer", "tool_definitions", "answer_has_tool_calls", "prefixes", "attached"}
    assert fields - set(schema.SCHEMA.names) <= text
    assert not text & set(schema.SCHEMA.names)


def test_a_file_has_the_columns_of_calls_and_the_cost() -> None:
    assert set(schema.FILE_SCHEMA.names) == {*schema.SCHEMA.names, "cost_usd", "cost_basis"}
    assert not any(pa.types.is_dictionary(field.type) for field in schema.FILE_SCHEMA)


def test_the_token_columns_are_counts_that_a_log_states() -> None:
    assert set(schema.TOKEN_COLUMNS) >= {"input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens"}
    assert "system_tokens" not in schema.TOKEN_COLUMNS


@pytest.mark.parametrize("encoded", [True, False])
def test_words_are_codes_with_none_for_what_the_log_does_not_say(encoded: bool) -> None:
    column = pa.array(["a", None, "b", "a"])
    table = pa.table({"model": column.dictionary_encode() if encoded else column})
    codes, labels = schema.words(table, "model")
    assert [labels[code] for code in codes] == ["a", None, "b", "a"]
    assert labels[-1] is None


def test_whole_numbers_take_a_stand_in_for_null_and_times_as_microseconds() -> None:
    table = pa.table({"n": [1, None], "t": pa.array([5, None], pa.timestamp("us", "UTC"))})
    assert schema.whole_numbers(table, "n", 7).tolist() == [1, 7]
    assert schema.whole_numbers(table, "t").tolist() == [5, -1]
