"""The gate on a log of which some calls have no time: they are in no month."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Costsim
from tests.cli.gate_logs import log

POLICY = "version: 1\nname: p\nrules: [{name: all, route: {model: gpt-5.4-mini}}]\n"


def undated(path: Path, *routes: str) -> None:
    """Take the time from all calls of some routes."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    known = [{**row, "started_at": None} if row["route"] in routes else row for row in rows]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in known))


def report(costsim: Costsim, *more: str) -> Any:
    return json.loads(costsim("check", *more, "--budget", "month=1000", "--format", "json").out)


def month(found: Any) -> list[Any]:
    """Every amount of a month: of the total, its parts, each line with its own, and the budget."""
    lines = [(line["scope"], line["key"], line["monthly_usd"], _parts(line)) for line in found["lines"]]
    return [found["monthly_usd"], _parts(found), lines, found["budgets"][0]["spent_usd"]]


def _parts(found: Any) -> dict[str, str]:
    return {part["part"]: part["monthly_usd"] for part in found["parts"]}


def _per_call(found: Any) -> dict[str, str]:
    """Without what another number of calls does."""
    return {part: amount for part, amount in _parts(found).items() if part not in ("volume", "mix")}


def test_a_replay_takes_calls_without_a_time_out_of_a_month_one_by_one(costsim: Costsim, folder: Path) -> None:
    (folder / "p.yaml").write_text(POLICY)
    log(folder / "new.jsonl", calls=40)
    undated(log(folder / "more.jsonl", seed=3, calls=30, input_of={"search": 20_000}), "search", "support")
    logs = ["new.jsonl"], ["new.jsonl", "more.jsonl"]
    alone, together = (report(costsim, *each, "--policy", "p.yaml") for each in logs)
    assert month(together) == month(alone)
    assert together["change_usd"] != alone["change_usd"]
    assert together["budgets"][0]["note"] == "at the pace of this log, without 60 calls that have no time"
    assert (alone["undated_calls"], alone["undated_cost_usd"], together["undated_calls"]) == (0, "0", 60)
    more = Decimal(together["now"]["cost_usd"]) - Decimal(alone["now"]["cost_usd"])
    assert Decimal(together["undated_cost_usd"]) == more
    assert together["assumptions"][-1].startswith("60 calls without a time ($")
    assert not any("without a time" in each for each in alone["assumptions"])


def test_of_two_logs_each_route_counts_by_its_calls_that_have_a_time(costsim: Costsim, folder: Path) -> None:
    log(folder / "old.jsonl", spread=0)
    longer: dict[str, Any] = {"spread": 0, "input_of": {"support": 5_000}, "output": 400}
    log(folder / "new.jsonl", seed=2, **longer)
    undated(log(folder / "more.jsonl", seed=3, routes=("support",), calls=70, **longer), "support")
    logs = ["new.jsonl"], ["new.jsonl", "more.jsonl"]
    alone, together = (report(costsim, *each, "--against", "old.jsonl") for each in logs)
    assert month(together)[2:] == month(alone)[2:]
    assert _per_call(together) == _per_call(alone)


@pytest.mark.parametrize("routes", [("support",), ("support", "search")], ids=["one", "every"])
def test_a_route_without_any_time_has_no_month_and_is_judged_all_the_same(
    costsim: Costsim, folder: Path, routes: tuple[str, ...]
) -> None:
    log(folder / "old.jsonl")
    undated(log(folder / "new.jsonl", seed=2, input_of={"support": 5_300}), *routes)
    found = report(costsim, "new.jsonl", "--against", "old.jsonl")
    lines = {line["key"]: line for line in found["lines"] if line["scope"] == "route"}
    assert (lines["support"]["finding"], lines["support"]["monthly_usd"]) == ("regression", None)
    assert (lines["search"]["monthly_usd"] is None) == ("search" in routes)
    whole = (
        "no call with a price has a time: its own cost" if "search" in routes else "at the pace of this log, without"
    )
    assert found["budgets"][0]["note"].startswith(whole)


def test_dollars_a_month_are_asked_of_calls_that_have_a_time(costsim: Costsim, folder: Path) -> None:
    """The change of all calls is twice as many dollars, but half of them are of no month."""
    log(folder / "old.jsonl", spread=0)
    longer: dict[str, Any] = {"spread": 0, "input_of": {"support": 5_000}}
    log(folder / "new.jsonl", seed=2, **longer)
    undated(log(folder / "more.jsonl", seed=3, **longer), "search", "support")
    command = ["new.jsonl", "more.jsonl", "--against", "old.jsonl", "--where", "route=support"]
    (line, *_) = report(costsim, *command)["lines"]
    least = [str(Decimal(line["monthly_usd"]) * times / 100) for times in (98, 102)]
    found = [report(costsim, *command, "--min-usd", each) for each in least]
    assert [each["lines"][0]["finding"] for each in found] == ["regression", "small"]
    assert any(f"must come to ${float(least[0]):g} a month" in each for each in found[0]["assumptions"])


def test_lines_most_of_whose_calls_have_no_time_are_judged_by_the_call(costsim: Costsim, folder: Path) -> None:
    log(folder / "old.jsonl", spread=0)
    longer: dict[str, Any] = {"spread": 0, "input_of": {"support": 5_000}}
    log(folder / "new.jsonl", seed=2, calls=40, **longer)
    undated(log(folder / "more.jsonl", seed=3, **longer), "search", "support")
    command = ["new.jsonl", "more.jsonl", "--against", "old.jsonl", "--where", "route=support", "--min-usd"]
    line = report(costsim, *command, "0")["lines"][0]
    of_100_000 = Decimal(line["change_usd"]) / 240 * 100_000
    found = [report(costsim, *command, str(of_100_000 * times / 100)) for times in (99, 101)]
    assert [each["lines"][0]["finding"] for each in found] == ["regression", "small"]
