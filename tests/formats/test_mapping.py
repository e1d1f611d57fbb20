"""A user's mapping of a table: it wins over the guess, its mistakes are shown, the written one reads back."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costsim.errors import ConfigError
from costsim.formats.tables import generic
from costsim.formats.tables.mapping import Mapping, check_columns, columns_used
from costsim.formats.tables.mapping_text import mapping_yaml, read_mapping
from costsim.schema import Call


def read(row: dict[str, Any], mapping: Mapping) -> Call:
    (call,) = generic.reader(mapping)(json.dumps(row).encode())
    return call


def mapping_of(tmp_path: Path, text: str) -> Mapping:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def test_a_mapping_wins_and_what_it_leaves_out_is_guessed(tmp_path: Path) -> None:
    mapping = mapping_of(
        tmp_path,
        "model: {value: gpt-4o}\n"
        "provider: {value: openai}\n"
        "started_at: {column: Zeit, format: '%d.%m.%Y %H:%M', timezone: Europe/Berlin}\n"
        "duration_ms: {column: took, unit: s}\n"
        "reported_cost: {column: cost, unit: cents}\n"
        "input_tokens: {column: deep.er.count, includes_cached: false}\n"
        "tags: {abteilung: dept}\n",
    )
    row = {
        "zeit": "16.11.2023 19:15",
        "took": "1.5",
        "cost": "2",
        "deep": {"er": {"count": 5}},
        "dept": "x",
        "cached": 0,
    }
    call = read({**row, "cached_tokens": 4, "completion_tokens": 7}, mapping)
    assert (call.model, call.provider, call.started_at) == ("gpt-4o", "openai", 1700158500000000)
    assert (call.duration_ms, call.reported_cost) == (1500.0, 20_000_000_000)
    assert (call.input_tokens, call.cache_read_tokens, call.output_tokens) == (9, 4, 7)
    assert call.tags == {"abteilung": "x"}


def test_null_in_a_mapping_says_that_the_file_has_no_such_column(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, "user: null\ncache_read_tokens: ~\n")
    call = read({"user": "u", "input_tokens": 5, "cached_tokens": 4}, mapping)
    assert (call.user, call.cache_read_tokens) == (None, None)


def test_offsets_count_from_the_origin_that_a_mapping_gives(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, "started_at: {column: timestamp, unit: ms, origin: 2024-01-01T00:00:00Z}\n")
    assert read({"timestamp": 1500, "input_length": 3}, mapping).started_at == 1704067201500000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modle: x", "map.yaml:2: unknown key 'modle' (did you mean 'model'?)"),
        ("time: ts", "map.yaml:2: unknown key 'time' (did you mean 'started_at'?)"),
        ("Cost Cents: x", "map.yaml:2: unknown key 'Cost Cents' (did you mean 'reported_cost'?)"),
        ("Team: x", "map.yaml:2: unknown key 'Team' (write tags: [Team], or tags: {Team: COLUMN})"),
        ("xyz: x", "map.yaml:2: unknown key 'xyz' (such as model, started_at, input_tokens, "),
        ("model: {unit: s}", "map.yaml:2: unknown key 'unit' (known: column, value)"),
        ("model: {colum: x}", "map.yaml:2: unknown key 'colum' (did you mean 'column'?)"),
        ("model: {column: a, value: b}", "map.yaml:2: model: needs either `column` or `value`"),
        (
            "started_at: {column: a, timezone: Berlin}",
            "map.yaml:2: started_at: no time zone is called 'Berlin'",
        ),
        ("duration_ms: {column: a, unit: sec}", "map.yaml:2: duration_ms.unit: unknown value 'sec' ("),
    ],
)
def test_a_mistake_in_a_mapping_is_shown_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        mapping_of(tmp_path, f"route: x\n{text}\n")
    assert said in str(caught.value)


def test_a_column_that_the_table_does_not_have_is_shown_with_the_nearest_one(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, "model: model\ninput_tokens: promt_tokens\n")
    with pytest.raises(ConfigError, match=r"map.yaml:2: .*no column 'promt_tokens' \(did you mean 'prompt_tokens'\?\)"):
        check_columns(mapping, tmp_path / "map.yaml", ["model", "prompt_tokens"])


COLUMN_NAMES = st.sampled_from(
    ["model", "Input Tokens", "cost", "latency", "Team", "no", "a: b", "#x", "usage"]
) | st.text(max_size=9)


@settings(max_examples=100, deadline=None)
@given(names=st.lists(COLUMN_NAMES, max_size=8, unique=True))
def test_the_mapping_that_is_written_for_a_table_reads_back_as_the_guess(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    row = dict.fromkeys(names, 1)
    mapping = mapping_of(tmp_path_factory.getbasetemp(), mapping_yaml(row))
    assert columns_used(mapping) == columns_used(generic.guess(row))
    record = json.dumps(row).encode()
    assert generic.reader(mapping)(record) == generic.read(record)


@pytest.mark.parametrize(("time", "told"), [("last tuesday", True), (17.5, True), ("2026-10-01", False), ("", False)])
def test_the_written_mapping_says_where_times_are_not_understood(time: Any, told: bool) -> None:
    text = mapping_yaml({"time": time, "model": "m", "input_tokens": 1})
    assert (f"# started_at: {time} is no time that is understood; say its format" in text) == told


def test_the_written_mapping_names_what_nothing_uses_and_what_is_unsure() -> None:
    text = mapping_yaml({"TIMESTAMP": "x", "ContextTokens": 1, "Latency": 2, "colour": "red"})
    assert "input_tokens: ContextTokens" in text
    assert "# model: {value: gpt-4o}" in text
    assert "# duration_ms: {column: Latency, unit: s}" in text
    assert text.endswith("what the first record has there:\n#   Latency: 2\n#   colour: red\n")


def test_columns_of_few_short_values_that_come_again_are_proposed_as_tags(tmp_path: Path) -> None:
    rows = [
        {"model": "m", "tokens_in": 1, "tier_of_customer": ("gold", "none")[n % 2], "ref": f"r{n}", "ratio": n % 2 / 2,
         "note": "as long as no name of a group is " + "x" * (n % 2 + 20), "latency": n % 2, "x": {"kind": n % 3 == 0},
         "many": n % 25}
        for n in range(100)
    ]  # fmt: skip
    mapping = mapping_of(tmp_path, mapping_yaml(rows[0], rows[1:]))
    assert mapping.tags == {"tier_of_customer": "tier_of_customer", "kind": "x.kind"}
    assert read(rows[0], mapping).tags == {"tier_of_customer": "gold", "kind": "true"}


def test_a_column_that_is_a_tag_already_is_not_given_up_for_one_of_few_values(tmp_path: Path) -> None:
    rows = [{"model": "m", "tokens_in": 1, "plan": f"p{n}", "x": {"plan": "a"}, "meta.kind": "b"} for n in range(3)]
    mapping = mapping_of(tmp_path, mapping_yaml(rows[0], rows[1:]))
    assert mapping.tags == {"plan": "plan", "kind": "meta.kind"}
    assert read(rows[0], mapping).tags == {"plan": "p0", "kind": "b"}


COMPANIES: list[dict[str, Any]] = [
    {"ts": 1, "llm": {"vendor": "openai", "modelName": "m", "usage": {"promptTokens": 100, "completionTokens": 20}},
     "customer": {"id": "c"}},
    {"eventTime": "2026-01-01T00:00:00Z", "modelId": "m", "inputTokenCount": "100", "outputTokenCount": "20"},
    {"created": "2026-01-01T00:00:00Z", "payload": {"engine": "m", "result": {"tokens": {"in": 100, "out": 20}}}},
    {"t": 1, "m": "m", "model": "m", "tok_in": 100, "tok_out": 20.0},
    {"Zeitstempel": "01.02.2026 10:00:00", "Modell": "m", "Eingabe-Token": "100", "Ausgabe-Token": "20"},
]  # fmt: skip


@pytest.mark.parametrize("row", COMPANIES, ids=lambda row: next(iter(row)))
def test_a_companys_own_log_needs_no_correction_of_its_first_mapping(row: dict[str, Any], tmp_path: Path) -> None:
    call = read(row, mapping_of(tmp_path, mapping_yaml(row)))
    assert (call.model, call.input_tokens, call.output_tokens, call.call_id) == ("m", 100, 20, None)
