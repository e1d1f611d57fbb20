"""On real transcripts of agents, an independent few lines of plain JSON arithmetic find the same calls and tokens."""

import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.ingest.conftest import Log, Read

SharedFile = Callable[[str], Path]
Sums = dict[str | None, Counter[str]]
COUNTS = {
    "input": "input_tokens",
    "read": "cache_read_tokens",
    "written": "cache_write_tokens",
    "output": "output_tokens",
    "reasoning": "reasoning_tokens",
}


def sums_of(log: Log) -> Sums:
    found: Sums = defaultdict(Counter)
    for batch in log.store.batches(["model", *COUNTS.values()]):
        for row in batch.to_pylist():
            found[row["model"]].update(calls=1, **{short: row[name] or 0 for short, name in COUNTS.items()})
    return found


def with_tokens(sums: Sums) -> Sums:
    """Without models of which a file only has rows whose figures were taken out."""
    return {model: each for model, each in sums.items() if each["input"]}


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """Every object of a file, also where two stand on one line."""
    decoder = json.JSONDecoder()
    for line in path.read_text(encoding="utf-8").split("\n"):
        at = 0
        while at < len(line):
            value, at = decoder.raw_decode(line, at)
            yield value


def claude_by_hand(folder: Path) -> Sums:
    best: dict[str, dict[str, Any]] = {}
    for path in folder.glob("*.jsonl"):
        for outer in objects(path):
            row = (outer.get("data") or {}).get("message") or {} if outer["type"] == "progress" else outer
            message = row.get("message") or {}
            if row.get("type") == "assistant" and message.get("usage") and message["model"] != "<synthetic>":
                known = best.get(message["id"])
                if known is None or message["usage"]["output_tokens"] >= known["usage"]["output_tokens"]:
                    best[message["id"]] = message
    sums: Sums = defaultdict(Counter)
    for message in best.values():
        usage = message["usage"]
        read, written = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
        sums[message["model"]].update(
            calls=1,
            input=usage["input_tokens"] + read + written,
            read=read,
            written=written,
            output=usage["output_tokens"],
            reasoning=0,
        )
    return sums


def test_claude_code_counts_each_call_once_wherever_its_rows_stand(read: Read, shared_file: SharedFile) -> None:
    folder = shared_file("logs/claude_code/entire_MALFORMED_ee_cf21d297fe.jsonl").parent
    log = read(folder)
    assert with_tokens(sums_of(log)) == with_tokens(claude_by_hand(folder))
    assert log.adds_up()
    assert {source.format for source in log.manifest.sources} == {"claude-code"}
    assert not log.rejects
    twice = read(folder, *folder.glob("entire_a*"))
    assert sums_of(twice) == sums_of(log)


def test_output_that_was_never_finally_logged_is_found_and_estimated(read: Read, shared_file: SharedFile) -> None:
    path = shared_file("logs/claude_code/entire_4de02c81-2bd4-4ea2-9370-f1f32de9248e.jsonl")
    as_logged, estimated = sums_of(read(path)), sums_of(read(path, estimate_unfinished=True))
    for model, logged in as_logged.items():
        assert estimated[model]["output"] > 3 * logged["output"]
        assert estimated[model]["input"] == logged["input"]
    bases = Counter(row["tokens_basis"] for row in read(path).rows())
    assert bases["partial"] > 100


def codex_by_hand(*paths: Path) -> Counter[str]:
    """What each total adds to the one before it; a fork's copies of its parent's totals are left out."""
    sums: Counter[str] = Counter()
    seen: set[tuple[Any, ...]] = set()
    for path in paths:
        before: dict[str, int] = {}
        chain: tuple[Any, ...] = ()
        for row in objects(path):
            total = ((row.get("payload") or {}).get("info") or {}).get("total_token_usage")
            if total is None or total == before:
                continue
            chain = (hash(chain), *sorted(total.items()))
            if chain not in seen:
                seen.add(chain)
                added = {name: total[name] - before.get(name, 0) for name in total}
                sums.update(added, calls=1)
            before = total
    return sums


def test_forks_of_codex_sessions_add_only_what_is_their_own(read: Read, shared_file: SharedFile) -> None:
    names = "logs/codex/codexbar_CostUsage_Issue2037_archived-fork-33ce-3869_codex-home_archived_sessions_{}.jsonl"
    parent, child = (shared_file(names.format(each)) for each in ("parent", "child"))
    manifest = shared_file("logs/codex/codexbar_CostUsage_Issue2037_archived-fork-33ce-3869_manifest.json")
    oracle = json.loads(manifest.read_text())["oracle"]
    expected = codex_by_hand(parent, child)
    (found,) = sums_of(read(child, parent)).values()
    assert found == {
        "calls": expected["calls"],
        "input": expected["input_tokens"],
        "read": expected["cached_input_tokens"],
        "written": 0,
        "output": expected["output_tokens"],
        "reasoning": expected["reasoning_output_tokens"],
    }
    # the oracle adds up what each event says of its last request; three say a size, and no tokens that were billed
    infos = [row["payload"]["info"] for row in objects(child) if row["payload"].get("info")]
    unbilled = sum(
        info["last_token_usage"]["total_tokens"] for info in infos if not info["last_token_usage"]["input_tokens"]
    )
    assert found["input"] + found["output"] == oracle["dedupedLastTokens"] - unbilled
    owners = Counter(row["conversation_id"] for row in read(child, parent).rows())
    assert owners == {"parent-session": 133, "child-session": 22}


def test_forks_whose_parent_is_missing_are_billed_its_part_once(read: Read, shared_file: SharedFile) -> None:
    names = (
        "logs/codex/codexbar_CostUsage_Issue2037_missing-parent-siblings_codex-home_archived_sessions_sibling-{}.jsonl"
    )
    siblings = [shared_file(names.format(each)) for each in ("b", "a")]
    manifest = shared_file("logs/codex/codexbar_CostUsage_Issue2037_missing-parent-siblings_manifest.json")
    oracle = json.loads(manifest.read_text())["scannerOracle"]
    (found,) = sums_of(read(*siblings)).values()
    shared, own = (
        oracle["prefixScannerUnits"],
        oracle["siblingAUniqueScannerUnits"] + oracle["siblingBUniqueScannerUnits"],
    )
    assert found["input"] + found["read"] + found["output"] == shared + own
    assert oracle["dedupedScannerUnits"] == shared + own - oracle["unresolvedForkSkippedFirstEventScannerUnits"]
    owners = Counter(row["conversation_id"] for row in read(*siblings).rows())
    assert owners == {"sibling-a-session": 155, "sibling-b-session": 3}


def gemini_by_hand(folder: Path) -> Sums:
    best: dict[str, dict[str, Any]] = {}
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        found = [json.loads(text)] if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
        for message in [inner for each in found for inner in each.get("messages", [each])]:
            if message.get("type") == "gemini" and message.get("tokens"):
                best[message["id"]] = message
    sums: Sums = defaultdict(Counter)
    for message in best.values():
        tokens = message["tokens"]
        sums[message["model"]].update(
            calls=1,
            input=tokens["input"] + tokens["tool"],
            read=tokens["cached"],
            written=0,
            output=tokens["total"] - tokens["input"] - tokens["tool"],
            reasoning=tokens["thoughts"],
        )
    return sums


def test_gemini_cli_counts_thoughts_as_output_and_each_message_once(read: Read, shared_file: SharedFile) -> None:
    folder = shared_file("logs/gemini_cli/entire_12_cbfeaa512b_0.json").parent
    log = read(folder)
    assert sums_of(log) == gemini_by_hand(folder)
    assert log.adds_up()
    assert {source.format for source in log.manifest.sources} == {"gemini-cli"}


def test_every_other_agent_is_known_and_its_tokens_are_those_it_states(read: Read, shared_file: SharedFile) -> None:
    folder = shared_file("logs/other_agents/jazzyalex_stage0_agents_pi_small.jsonl").parent
    log = read(folder)
    found = {
        model: (each["calls"], each["input"], each["read"], each["output"]) for model, each in sums_of(log).items()
    }
    assert found == {
        "droid-model": (1, 10, 0, 5),
        "gpt-4.1": (1, 1000, 800, 50),
        "gpt-5-mini": (3, 105, 5, 15),
        "pi-fixture-model": (2, 24, 0, 14),
        "synthetic-active-model": (1, 12, 0, 4),
        None: (1, 120, 0, 16),  # a step of an answer whose message states no tokens
    }
    assert log.adds_up()
    formats = Counter(source.format for source in log.manifest.sources)
    assert formats["opencode"] == 16
    assert "generic" not in formats
    assert len(log.manifest.skipped) == 2  # plain chat transcripts of no agent


def inspect_by_hand(folder: Path) -> Sums:
    samples: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
    for path in sorted(folder.glob("*.json")):
        log = json.loads(path.read_text())
        samples += [(log["eval"]["run_id"], sample, log["stats"]["model_usage"]) for sample in log["samples"]]
    for path in sorted(folder.glob("*.eval")):
        with zipfile.ZipFile(path) as archive:
            run = json.loads(archive.read("_journal/start.json"))["eval"]["run_id"]
            names = [name for name in archive.namelist() if name.startswith("samples/")]
            samples += [(run, json.loads(archive.read(name)), {}) for name in names]
    sums: Sums = defaultdict(Counter)
    seen = set()
    for run, sample, stats in samples:
        if (key := (run, sample["id"], sample["epoch"])) in seen:
            continue  # a copy of the log
        seen.add(key)
        events = sample.get("events") or sample.get("transcript", {}).get("events", [])
        models = [event for event in events if event["event"] == "model"]
        found = [(each["output"]["model"].split("/")[-1], each["output"].get("usage")) for each in models]
        for model, stated in found or list(stats.items()):
            usage = stated or {}
            read = usage.get("input_tokens_cache_read") or 0
            asked, said = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
            sums[model].update(
                calls=1,
                input=asked + (read if usage.get("total_tokens") == asked + said + read else 0),
                read=read,
                written=usage.get("input_tokens_cache_write") or 0,
                output=said,
                reasoning=usage.get("reasoning_tokens") or 0,
            )
    return sums


def test_inspect_counts_the_events_of_a_model_and_scores_are_their_quality(read: Read, shared_file: SharedFile) -> None:
    folder = shared_file("logs/inspect_ai/UKGovernmentBEIS__inspect_ai__ignore.json").parent
    log = read(folder)
    expected, found = inspect_by_hand(folder), sums_of(log)
    del expected["hardcoded"]["output"], found["hardcoded"]["output"]  # without usage, its text is counted
    assert found == expected
    assert log.adds_up()
    assert {source.format for source in log.manifest.sources} == {"inspect-ai"}
    assert {row["quality"] for row in log.rows()} >= {0.0, 1.0}
