"""Calls replayed in cells come to the same, to the last digit, as calls replayed one by one."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pyarrow import parquet
from tests.simulation.conftest import PRICES

from costsim.app.asked import Asked
from costsim.app.ingest import ingest
from costsim.app.reading import Reading
from costsim.app.simulate import Wanted, simulate
from costsim.errors import EvidenceError
from costsim.ingest.kept import own_parquet
from costsim.replay.cells import plain, runs
from costsim.summary.simulation import in_cells, one_pass, parts
from costsim.summary.simulation.in_cells import InCells
from costsim.summary.simulation.worlds import World

MODELS = ("strong", "middle", "small", "judge", "stepped", "later", "nobody-knows")
MORE_PRICES = """
  - model: stepped
    context_window: 30000
    prices:
      - {rates: {input: 0.3, cache_read: 0.1, cache_write: 0.4, output: 2.5, reasoning: 3, request: 0.4},
         regions: {eu: 1.2345678, us: 0.9},
         above: [{tokens: 9000, rates: {input: 0.6, output: 4}}]}
  - model: later
    retires: 2026-10-08
    prices:
      - {from: 2026-01-01, rates: {input: 0.2, output: 9}, regions: {eu: 2}}
      - {from: 2026-10-04, rates: {input: 4, output: 1}}
"""


def _log(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Calls of few kinds at two times, so that those of a kind make cells, with few, usual and too many tokens."""
    kinds = [_kind(draw, MODELS[:-1]), *(_kind(draw, MODELS) for _ in range(draw(st.integers(0, 2))))]
    times = [draw(_TIMES), draw(_TIMES)]
    usual = st.integers(1, 1500)
    near = st.one_of(st.integers(0, 6), st.integers(0, 12_000), st.integers(8_990, 9_010), st.integers(25_000, 31_000))
    tokens = st.one_of(usual, usual, usual, near)
    rows = []
    for number in range(draw(st.integers(2, 30))):
        reads, writes = draw(tokens), draw(st.one_of(st.integers(0, 6), st.integers(0, 2000)))
        rows.append({
            "id": f"call-{number}", "time": times[number // len(kinds) % 2], **kinds[number % len(kinds)],
            "input_tokens": "" if number % 17 == 16 else reads, "output_tokens": writes,
            "cached_tokens": reads // 2 * (number % 3 // 2), "reasoning_tokens": writes // 3 + (number % 19 == 18),
        })  # fmt: skip
    return rows


_TIMES = st.sampled_from(["", "2026-10-01T01:00:00Z", "2026-10-04T04:00:00Z", "2026-10-09T09:00:00Z"])


def _kind(draw: st.DrawFn, models: Sequence[str]) -> dict[str, Any]:
    return {
        "model": draw(st.sampled_from(models)),
        "finish_reason": draw(st.sampled_from(["stop", "length"])),
        "status": draw(st.sampled_from(["ok", "ok", "error"])),
        "service_tier": draw(st.sampled_from(["", "", "batch", "flex"])),
        "region": draw(st.sampled_from(["", "", "eu", "us"])),
        "conversation_id": draw(st.sampled_from(["a", "b", ""])),
        "user": draw(st.sampled_from(["ann", "bob"])),
        "prompt": draw(st.sampled_from(["Translate this into French: good morning", "Write code"])),
    }


def _model(draw: st.DrawFn) -> str:
    return draw(st.sampled_from([*MODELS[:-1], "cheap", "any"]))


def _target(draw: st.DrawFn) -> str:
    name = _model(draw)
    return f"{{tier: {name}}}" if name in ("cheap", "any") else f"{{model: {name}}}"


def _route(draw: st.DrawFn) -> str:
    rate = draw(st.sampled_from(["0.3", "observed", "prior", "1.0"]))
    judge = draw(st.sampled_from(["", ", verifier: {model: judge}", ", verifier: {model: judge, input_tokens: 50}"]))
    carry = draw(st.sampled_from(["", ", carry_answer: true"]))
    legs = ", ".join(_target(draw) for _ in range(draw(st.integers(2, 3))))
    return draw(
        st.sampled_from([
            _target(draw),
            "{cheapest: [stepped, later, middle, small]}",
            "{split: [{model: small, weight: 1}, {tier: any, weight: 3}]}",
            f"{{cascade: [{legs}], escalate: {{rate: {rate}{judge}{carry}}}}}",
            "{as_logged: true}",
            "{as_logged: true, service_tier: batch}",
        ])
    )  # fmt: skip


_WHEN = (
    "input_tokens: {lt: 9000}", "output_tokens: {gte: 100}", "model: {in: [strong, small]}", "status: {is: ok}",
    "user: {is: ann}", "started_at: {gte: 2026-10-05}", "share: 0.5", "complexity: {is: simple}",
)  # fmt: skip


_FALLBACKS = (
    "",
    "fallback: {rate: 0.1, retries: 1, then: [strong, middle]}",
    "fallback: {rate: observed, on: [error], retries: 2, then: [judge]}",
)
_ASSUMED = (
    "",
    "assume: {input_tokens: same, output_tokens: same}",
    "assume: {output_tokens: {small: 1.37, stepped: 0.61, middle: 0.5}}",
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[str]]:
    """A log, and the texts of two policies: to read it takes as long as to replay it under one."""
    return _log(draw), [_policy(draw, name) for name in ("tried", "other")]


def _policy(draw: st.DrawFn, name: str) -> str:
    rules, asked = [], draw(st.permutations(_WHEN))
    for number in range(draw(st.integers(1, 3))):
        when = ", ".join(asked[2 * number : 2 * number + draw(st.integers(1, 2))])
        rules.append(f"  - {{name: rule-{number}, when: {{{when}}}, route: {_route(draw)}}}")
    fallback = draw(st.sampled_from(_FALLBACKS))
    assume = draw(st.sampled_from(_ASSUMED))
    lines = [
        "version: 1",
        f"name: {name}",
        "tiers: {cheap: {models: [small, stepped, later]}, any: {models: [later, middle, strong, small, stepped]}}",
        "rules:",
        *rules,
        fallback,
        draw(st.sampled_from(["", "levers: {batch: {when: {user: {is: bob}}}}"])),
        assume,
    ]
    return "\n".join(line for line in lines if line)


def _written(folder: Path, rows: Sequence[dict[str, Any]], policies: Sequence[str]) -> Path:
    """Write a log, prices and policies; return the log."""
    folder.mkdir(exist_ok=True)
    (folder / "prices.yaml").write_text(PRICES + MORE_PRICES.removeprefix("\n"))
    for number, policy in enumerate(policies):
        (folder / f"policy-{number}.yaml").write_text(policy)
    with (folder / "log.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), restval="")
        table.writeheader()
        table.writerows(rows)
    return folder / "log.csv"


def _report(log: Path, controls: bool) -> bytes:
    asked, reading = Asked(prices=[log.with_name("prices.yaml")]), Reading(home=log.parent, workers=1)
    wanted = Wanted(sorted(log.parent.glob("policy-*.yaml")), controls)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_cells, "_MOSTLY", 0)  # however few calls are plain: in short logs, most are not
        patch.setattr(plain, "_LIKELY", 1.0)  # so that the second pass leaves some out, too
        return msgspec.json.encode(simulate([str(log)], reading, asked, wanted).report)


_CONTROLS = st.sampled_from([False, False, True])
"""Whether the controls are replayed too: they are many, and much alike."""


@settings(max_examples=13, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(), controls=_CONTROLS)
def test_cells_come_to_what_calls_come_to_one_by_one(
    case: tuple[list[dict[str, Any]], list[str]], controls: bool, tmp_path: Path
) -> None:
    log = _written(tmp_path, *case)
    try:
        together = _report(log, controls)
    except EvidenceError:
        reject()  # no call has a price
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InCells, "_can_be", lambda *_: False)
        assert _report(log, controls) == together


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(), controls=_CONTROLS, rows=st.integers(1, 9), at_once=st.integers(1, 4))
def test_parts_in_cells_come_to_the_same_however_a_log_is_cut(
    case: tuple[list[dict[str, Any]], list[str]], controls: bool, rows: int, at_once: int, tmp_path: Path
) -> None:
    log = _written(tmp_path, *case)
    calls = log.with_name("calls.parquet")
    ingest([str(log)], Reading(home=tmp_path), calls)
    try:
        whole = _report(calls, controls)
    except EvidenceError:
        reject()  # no call has a price
    table = parquet.read_table(calls)
    with own_parquet.writer(calls) as out:
        out.write_table(table, row_group_size=rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "FEWER_IN_CELLS", rows)
        patch.setattr(parts, "AT_ONCE", rows)
        patch.setattr(runs, "_AT_ONCE", 1 + rows // 3)
        patch.setattr(one_pass, "_PARTS_AT_ONCE", at_once)
        assert _report(calls, controls) == whole


@pytest.mark.parametrize("route", ["{model: later}", "{cheapest: [later, small]}", "{as_logged: true}"])
@pytest.mark.parametrize("model", ["strong", "later"])
def test_a_change_of_price_and_a_retirement_within_the_log_divide_cells(model: str, route: str, tmp_path: Path) -> None:
    times = ["2026-10-01T01:00:00Z", "2026-10-04T04:00:00Z", "2026-10-09T09:00:00Z", ""]
    rows = [
        {"id": f"call-{n}", "time": times[n % 4], "model": model, "input_tokens": 1000 + n, "output_tokens": 90 * n}
        for n in range(40)
    ]
    rule = f"  - {{name: all, when: {{model: {{exists: true}}}}, route: {route}}}"
    log = _written(tmp_path, rows, [f"version: 1\nname: tried\nrules:\n{rule}\nassume: {{output_tokens: same}}"])
    together = _report(log, controls=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InCells, "_can_be", lambda *_: False)
        assert _report(log, controls=False) == together


_MIXED = """
version: 1
name: mixed
tiers: {cheap: {models: [small, stepped, later]}}
rules:
  - {name: judged, when: {user: {is: ann}}, route: {cascade: [{model: middle}, {tier: cheap}], escalate: {rate: 0.3}}}
  - {name: some, when: {share: 0.4}, route: {tier: cheap}}
  - {name: large, when: {input_tokens: {gte: 9000}}, route: {model: small}}
fallback: {rate: 0.1, retries: 1, then: [strong]}
"""


def test_cache_reads_that_are_lost_come_to_the_same_in_cells_and_however_a_log_is_cut(tmp_path: Path) -> None:
    calls = [
        {"id": f"call-{n}", "time": f"2026-10-01T{n % 7:02}:{n // 7:02}:00Z", "conversation_id": f"c{n % 7}",
         "model": ("middle", "strong", "stepped")[n % 7 % 3], "input_tokens": 900 + 1000 * (n // 7) + n % 5,
         "output_tokens": 90 * n % 700, "cached_tokens": 1000 * (n // 7), "user": ("ann", "bob")[n % 3 % 2]}
        for n in range(150)
    ]  # fmt: skip
    log = _written(tmp_path, calls, [_MIXED])
    own = log.with_name("calls.parquet")
    ingest([str(log)], Reading(home=tmp_path), own)
    whole, table = _report(own, controls=True), parquet.read_table(own)
    assert b"less in the cache" in whole
    with own_parquet.writer(own) as out:
        out.write_table(table, row_group_size=50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "FEWER_IN_CELLS", 50)
        assert _report(own, controls=True) == whole
        patch.setattr(InCells, "_can_be", lambda *_: False)
        patch.setattr(parts, "AT_ONCE", 50)
        assert _report(own, controls=True) == whole


def test_a_policy_out_of_cells_learns_from_calls_in_those_of_another_that_projects_nothing(tmp_path: Path) -> None:
    kinds = [("strong", 90, "stop"), ("small", 400, "stop"), ("strong", 110, "length")]
    rows = [
        {"id": f"{n}", "model": model, "input_tokens": 900, "output_tokens": tokens, "finish_reason": reason}
        for n, (model, tokens, reason) in enumerate(20 * kinds)
    ]
    rule = "rules: [{name: all, when: {model: {exists: true}}, route: {model: small}}]"
    policies = [
        f"version: 1\nname: same\n{rule}\nassume: {{input_tokens: same, output_tokens: same}}",
        f"version: 1\nname: projected\n{rule}\nlimits: {{max_cost_per_call: 10}}",
    ]
    log = _written(tmp_path, rows, policies)
    together = _report(log, controls=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InCells, "_can_be", lambda *_: False)
        assert _report(log, controls=False) == together


@pytest.mark.parametrize(("logged", "then"), [("dear", "small"), ("small", "dear")])
def test_cells_that_cost_more_than_a_number_holds_come_to_what_their_calls_do(
    logged: str, then: str, tmp_path: Path
) -> None:
    rows = [{"id": n, "model": logged, "input_tokens": 1_900_000 + n, "output_tokens": 10} for n in range(1300)]
    rule = f"rules: [{{name: all, when: {{model: {{exists: true}}}}, route: {{model: {then}}}}}]"
    policy = f"version: 1\nname: tried\n{rule}\nassume: {{input_tokens: same, output_tokens: same}}"
    log = _written(tmp_path, rows, [policy])
    dear = "provider: acme\nmodels:\n  - {model: dear, prices: [{rates: {input: 4000, output: 600}}]}\n"
    log.with_name("prices.yaml").write_text(dear + "  - {model: small, prices: [{rates: {input: 1, output: 2}}]}\n")
    together = _report(log, controls=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InCells, "_can_be", lambda *_: False)
        assert _report(log, controls=False) == together


def test_these_logs_have_calls_in_cells_and_some_that_are_left_out_of_them(tmp_path: Path) -> None:
    tokens = [500, 3500, 900, 1200] * 9
    rows = [
        {"id": n, "model": "small", "input_tokens": 10 + each, "output_tokens": each} for n, each in enumerate(tokens)
    ]
    rule = "rules: [{name: all, when: {model: {exists: true}}, route: {model: stepped}}]"
    log = _written(tmp_path, rows, [f"version: 1\nname: tried\n{rule}\nassume: {{output_tokens: {{stepped: 1.5}}}}"])
    left: list[int] = []
    of_world = World.left

    def counted(world: World, at_once: int) -> Any:
        left.append(len(world._large))
        return of_world(world, at_once)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "left", counted)
        together = _report(log, controls=False)
        patch.setattr(InCells, "_can_be", lambda *_: False)
        assert _report(log, controls=False) == together
    assert left == [9]
