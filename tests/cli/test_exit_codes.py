"""Every exit code of the contract, each with one line of where, what and a hint."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Costsim, Ended
from tests.ingest.logs import call, calls, lines

from costsim.cli import endings
from costsim.errors import ReplacedError
from costsim.ingest import collect as collecting
from costsim.ingest.kept.store import Store

MISTAKES = [
    ("--log-format opena_chat", "--log-format: unknown log format 'opena_chat' (did you mean 'openai-chat'?)"),
    ("--format tabel", "--format: unknown format 'tabel' (did you mean 'table'?)"),
    ("--by modell", "--by: unknown dimension 'modell' (did you mean 'model'?)"),
    ("--where model", "--where: 'model' is no condition (for example --where model=gpt-5.5)"),
    ("--since yesterday", "--since: 'yesterday' is no day or time (such as 2026-10-01 or 2026-10-01T08:00)"),
    ("--until 2026-13-01", "--until: '2026-13-01' is no day or time (such as 2026-10-01 or 2026-10-01T08:00)"),
    ("--timezone europe/berlin", "--timezone: unknown time zone 'europe/berlin' (did you mean 'Europe/Berlin'?)"),
    ("--since 2026-10-20 --until 2026-10-20", "--until: no time is from 2026-10-20 on and before 2026-10-20"),
    ("--where service_tier=batch", "--where: unknown dimension 'service_tier' (did you mean 'tier'?)"),
    ("--as-of tomorrow", "--as-of: 'tomorrow' is no day (logged, today, or a day such as 2026-10-01)"),
    ("--cost-mode guessed", "--cost-mode: unknown cost mode 'guessed' (known: auto, computed, reported)"),
    ("--out nowhere/report.json", "--out nowhere/report.json: there is no folder 'nowhere'"),
    ("--out .", "--out .: is a folder (name a file in it)"),
    ("--out log.jsonl", "--out log.jsonl: is one of the logs (they are never overwritten)"),
    ("--map missing.yaml", "missing.yaml: cannot be read: No such file or directory"),
    ("--map broken.yaml", "broken.yaml:2: did not find expected ',' or ']'"),
    ("--map unknown.yaml", "unknown.yaml:1: unknown key 'modle' (did you mean 'model'?)"),
    ("--prices missing.yaml", "missing.yaml: cannot be read: No such file or directory"),
    ("--tasks missing.yaml", "missing.yaml: cannot be read: No such file or directory"),
    ("--top 0", "--top: 0 is not in the range x>=1 (see `"),
    ("--workers 0", "--workers: 0 is not in the range"),
    ("--nope", "No such option: --nope"),
]


@pytest.mark.parametrize(("options", "said"), MISTAKES, ids=[options for options, _ in MISTAKES])
def test_a_mistake_is_one_line_and_2_before_any_log_is_read(
    costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch, options: str, said: str
) -> None:
    (folder / "log.jsonl").write_bytes(calls(1))
    (folder / "broken.yaml").write_text("model: [a\ninput_tokens: b")
    (folder / "unknown.yaml").write_text("modle: a\n")
    monkeypatch.setattr(collecting, "find", None)  # whoever looks for logs fails with 70
    end = costsim("audit", "log.jsonl", *options.split())
    assert end.code == 2
    assert end.out == ""
    assert len(end.said) == 1
    assert said in end.said[0]
    assert (folder / "log.jsonl").read_bytes() == calls(1)


def test_a_column_that_the_table_does_not_have_is_a_mistake_in_the_map(costsim: Costsim, folder: Path) -> None:
    (folder / "m.csv").write_text("wann,modell,rein,raus\n2026-10-01,gpt-5.4,100,5\n")
    (folder / "map.yaml").write_text("started_at: wann\nmodel: modell\ninput_tokens: reinn\noutput_tokens: raus\n")
    end = costsim("audit", "m.csv", "--map", "map.yaml")
    assert (end.code, end.said) == (
        2,
        ["map.yaml:3: input_tokens: the log has no column 'reinn' (did you mean 'rein'?)"],
    )


def test_a_good_map_reads_any_columns(costsim: Costsim, folder: Path) -> None:
    (folder / "m.csv").write_text("wann,modell,rein,raus\n2026-10-01,gpt-5.4,100,5\n2026-10-02,gpt-5.4,50,6\n")
    (folder / "map.yaml").write_text("started_at: wann\nmodel: modell\ninput_tokens: rein\noutput_tokens: raus\n")
    totals = report(costsim("audit", "m.csv", "--map", "map.yaml", "--format", "json"))["totals"]
    assert (totals["calls"], totals["input_tokens"], totals["output_tokens"]) == (2, 150, 11)


def test_a_column_that_one_of_two_tables_has_is_no_mistake(costsim: Costsim, folder: Path) -> None:
    (folder / "a.csv").write_text("modell,rein,raus\ngpt-5.4,100,5\n")
    (folder / "b.csv").write_text("modell,rein,raus,wer\ngpt-5.4,100,5,me\n")
    (folder / "map.yaml").write_text("model: modell\ninput_tokens: rein\noutput_tokens: raus\nuser: wer\n")
    assert costsim("audit", "a.csv", "b.csv", "--map", "map.yaml").code == 0


def report(end: Ended) -> Any:
    """The report that a run printed as JSON."""
    assert end.code == 0, end.err
    return json.loads(end.out)


def test_an_audit_is_0_and_says_nothing_else(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(calls(3))
    end = costsim("audit", "log.jsonl")
    assert (end.code, end.err) == (0, "")
    assert end.out.startswith("$")


def test_what_is_wrong_with_the_logs_is_told_beside_the_report_unless_quiet(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(calls(1) + b"no\nno\nno\n")
    (folder / "notes.txt").write_text("x")
    end = costsim("audit", ".", "--format", "json")
    assert end.said[0] == "log.jsonl: 3 of 4 lines are no calls in a format that is known here"
    assert end.said[1].startswith("skipped notes.txt: no known log format")
    assert report(end)["coverage"]["rejected"] == 3
    assert costsim("audit", ".", "--format", "json", "--quiet").err == ""


def test_files_that_are_skipped_for_one_reason_are_told_together(costsim: Costsim, folder: Path) -> None:
    (folder / "logs" / "old").mkdir(parents=True)
    (folder / "logs" / "log.jsonl").write_bytes(calls(3))
    for name in ("notes.txt", "old/more.txt"):
        (folder / "logs" / name).write_text("x")
    said = " ".join(costsim("audit", "logs", "--quiet").out.split())
    assert "2 files skipped: notes.txt, old/more.txt in logs: no known log format (see" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no calls in 0 lines (empty logs)"), (b"{}\n{", "no calls in 2 lines (see the rejected lines)")],
)
def test_logs_without_a_call_are_3(costsim: Costsim, folder: Path, content: bytes, said: str) -> None:
    (folder / "log.jsonl").write_bytes(content)
    end = costsim("audit", "log.jsonl", "--log-format", "generic")
    assert end.code == 3
    assert end.said[-1] == said


def test_conditions_that_leave_no_call_are_3(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(calls(1))
    end = costsim("audit", "log.jsonl", "--where", "model=none")
    assert (end.code, end.said) == (3, ["no calls in 1 lines (the conditions leave none)"])


def test_strict_makes_a_rejected_line_3(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(calls(2) + b"{\n")
    assert costsim("audit", "log.jsonl").code == 0
    end = costsim("audit", "log.jsonl", "--strict")
    assert (end.code, end.said) == (3, ["--strict: 1 rejected line"])


@pytest.mark.parametrize(
    "command", [["audit"], ["ingest", "--out", "calls.csv"], ["simulate", "--policy", "everything-cheapest"]]
)
def test_strict_makes_a_file_that_breaks_off_3_in_every_command(
    costsim: Costsim, folder: Path, command: list[str]
) -> None:
    """Also where all its lines came through: only its checksum is cut off here, but who knows what else."""
    (folder / "log.jsonl.gz").write_bytes(gzip.compress(calls(2))[:-4])
    assert costsim(*command, "log.jsonl.gz").code == 0
    end = costsim(*command, "log.jsonl.gz", "--strict")
    assert (end.code, end.said[-1]) == (3, "--strict: 1 damaged file")


@pytest.mark.parametrize("log", ["missing.jsonl", "no*match", "empty", "binary"])
def test_a_log_that_cannot_be_read_at_all_is_4(costsim: Costsim, folder: Path, log: str) -> None:
    (folder / "empty").mkdir()
    (folder / "binary").write_bytes(b"\0\1\2" * 100)
    end = costsim("audit", log)
    assert (end.code, len(end.said), end.out) == (4, 1, "")
    assert end.said[0].startswith(f"{log}: ")


def test_a_bug_is_70_with_its_traceback(costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "log.jsonl").write_bytes(calls(1))
    monkeypatch.setattr(collecting, "find", None)
    end = costsim("audit", "log.jsonl")
    assert end.code == 70
    assert "Traceback" in end.err
    assert end.said[-1] == "this is a bug in costsim; the traceback above is what its authors need"


@pytest.mark.parametrize("problem", [EOFError, ValueError, RuntimeError("Abort")])
def test_no_bug_is_taken_for_anything_else(capsys: pytest.CaptureFixture[str], problem: Any) -> None:
    def app(**_: Any) -> None:
        raise problem

    assert endings._code(app) == 70
    assert "Traceback" in capsys.readouterr().err


def test_calls_that_another_run_took_away_are_read_anew(
    costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "log.jsonl").write_bytes(calls(3))
    rivals = [ReplacedError("the calls kept here were replaced by another run")] * 2
    usual = Store.batches

    def batches(store: Store, *columns: Any) -> Any:
        if rivals:
            raise rivals.pop()
        return usual(store, *columns)

    monkeypatch.setattr(Store, "batches", batches)
    end = costsim("ingest", "log.jsonl", "--out", "calls.csv")
    assert (end.code, len(end.said), rivals) == (0, 1, [])


def test_an_interrupt_is_130_in_one_line(costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    (folder / "log.jsonl").write_bytes(calls(1))
    (folder / "report.json").write_text("old")
    monkeypatch.setattr(collecting, "find", interrupt)
    end = costsim("audit", "log.jsonl", "--out", "report.json")
    assert (end.code, end.said) == (130, ["interrupted; nothing was written"])
    assert (folder / "report.json").read_text() == "old"


def test_without_logs_the_calls_of_the_last_run_are_asked_again(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(calls(3))
    first = costsim("audit", "log.jsonl", "--format", "json")
    (folder / "log.jsonl").unlink()
    again = costsim("audit", "--format", "json")
    assert (again.code, again.out) == (0, first.out)
    assert report(costsim("audit", "--by", "user", "--format", "json"))["totals"]["calls"] == 3


def test_without_logs_in_a_fresh_folder_it_is_2(costsim: Costsim) -> None:
    end = costsim("audit")
    assert (end.code, end.said) == (2, ["no logs named, and none were read here before (costsim audit LOGS...)"])


def test_the_same_logs_give_the_same_bytes(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(calls(20))
    outs = [costsim("audit", "log.jsonl", "--format", "json").out for _ in range(2)]
    outs.append(costsim("audit", "log.jsonl", "--workers", "2", "--format", "json").out)
    assert outs[0] == outs[1] == outs[2]


def test_every_line_is_accounted_for_in_the_report(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(lines(call(1), call(2), call(1), b"{", b"", b"{}", call(3)))
    end = costsim("audit", "log.jsonl", "--format", "json")
    seen = report(end)["coverage"]
    assert seen["lines"] == 7
    assert (seen["calls"], seen["duplicates"], seen["rejected"], seen["not_calls"]) == (3, 1, 1, 2)


def test_out_is_written_whole_and_nothing_beside_it(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(calls(3))
    end = costsim("audit", "log.jsonl", "--format", "json", "--out", "report.json")
    assert (end.code, end.out, end.err) == (0, "", "")
    assert json.loads((folder / "report.json").read_bytes())["totals"]["calls"] == 3
    assert sorted(path.name for path in folder.iterdir()) == [".costsim", "log.jsonl", "report.json"]


def test_a_narrow_terminal_gets_narrow_lines(costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "log.jsonl").write_bytes(calls(3))
    monkeypatch.setenv("COLUMNS", "60")
    end = costsim("audit", "log.jsonl")
    assert max(map(len, end.out.splitlines())) <= 60
    assert "\x1b" not in end.out


@pytest.mark.parametrize("command", [[], ["audit"], ["ingest"], ["formats"]])
def test_help_is_0_and_has_an_example(costsim: Costsim, command: list[str]) -> None:
    end = costsim(*command, "--help")
    assert (end.code, end.err) == (0, "")
    assert "Example: costsim" in end.out


def test_no_command_is_2_and_an_unknown_one_too(costsim: Costsim) -> None:
    assert costsim().code == 2
    end = costsim("audti")
    assert (end.code, end.said[0].partition("'")[0]) == (2, "No such command ")


def test_the_formats_are_listed_and_a_map_is_proposed(costsim: Costsim, folder: Path) -> None:
    assert "openai-chat" in costsim("formats").out
    (folder / "m.csv").write_text("when,llm,tokens_in,tokens_out\n2026-10-01,gpt-5.4,1,2\n")
    proposed = costsim("formats", "--init-map", "m.csv")
    assert proposed.code == 0
    (folder / "map.yaml").write_text(proposed.out)
    assert costsim("audit", "m.csv", "--map", "map.yaml", "--quiet").code in (0, 2)
    assert costsim("formats", "--init-map", "missing.csv").code in (2, 4)
    rows = [f"gpt-5.4,{n},1,{'free' if n % 2 else 'pro'}" for n in range(40)]
    (folder / "g.csv").write_text("\n".join(["llm,tokens_in,tokens_out,membership", *rows]))
    assert "\ntags: {membership: membership}\n" in costsim("formats", "--init-map", "g.csv").out


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_ingest_writes_a_table_that_is_read_back_to_the_same_report(
    costsim: Costsim, folder: Path, suffix: str
) -> None:
    (folder / "log.jsonl").write_bytes(calls(30) + b"{\n")
    end = costsim("ingest", "log.jsonl", "--out", f"calls{suffix}")
    assert end.code == 0
    assert end.said[-1].startswith("30 calls in 31 lines (0 duplicates, 1 rejected, 0 no calls; ")
    reports = [report(costsim("audit", name, "--format", "json")) for name in ("log.jsonl", f"calls{suffix}")]
    for key in ("totals", "groups", "observed", "findings", "window", "prices"):
        assert reports[0][key] == reports[1][key]


def test_ingest_refuses_a_suffix_that_it_cannot_write_before_it_reads(costsim: Costsim) -> None:
    end = costsim("ingest", "missing.jsonl", "--out", "calls.xlsx")
    assert end.code == 2
    assert "unknown suffix '.xlsx'" in end.said[0]
