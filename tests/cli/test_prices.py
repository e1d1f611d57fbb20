"""`costsim prices` as a user types it, in process: what is shown, and how it ends."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from costsim.cli import application
from costsim.errors import ConfigError, UsageError

Run = Callable[..., Result]
MINE = """
provider: local
models: [{model: llama, prices: [{rates: {input: "0", output: "0"}}]}]
discount: {match: "anthropic/claude-haiku-4-5", multiply: 0.85}
alias: {my-deploy: azure/gpt-5.5}
"""
"""A user's file; the same in every test, for a table is compiled once for each."""
OWN = "provider: own\nmodels:\n  - model: m\n"


@pytest.fixture
def prices() -> Run:
    return lambda *words: CliRunner().invoke(application(), ["prices", *map(str, words)])


def test_a_list_has_exact_rates_context_and_dates_of_one_provider(prices: Run) -> None:
    models = json.loads(prices("list", "--provider", "openai", "--as-of", "2025-06-01", "--format", "json").stdout)
    o3 = next(one for one in models["models"] if one["model"] == "o3")
    assert {one["provider"] for one in models["models"]} == {"openai"}
    assert (o3["input"], o3["cache_read"], o3["output"], o3["context_window"]) == ("10", "2.5", "40", 200_000)
    assert (o3["from"], o3["checked"]) == (None, "2026-11-17")


def test_a_list_of_one_mode_says_what_else_a_model_is_billed_by(prices: Run) -> None:
    rows = prices("list", "--mode", "audio_transcription", "--provider", "groq").stdout.splitlines()
    assert any("whisper-large-v3" in row and "per second (second_input)" in row for row in rows)


def test_every_row_of_a_csv_list_has_as_many_cells_as_its_header(prices: Run) -> None:
    header, *rows = prices("list", "--provider", "deepseek", "--format", "csv").stdout.splitlines()
    assert header == "provider,model,mode,input,cache_read,output,context_window,from,checked,other"
    assert {row.count(",") for row in rows} == {header.count(",")}


def test_the_rates_of_a_tables_column_stand_on_one_decimal_point(prices: Run) -> None:
    header, *rows = prices("list", "--provider", "openai", "--mode", "chat").stdout.splitlines()[:-2]
    end = header.index("input") + len("input")
    assert len({row[:end].rindex(".") for row in rows if "." in row[end - 8 : end]}) == 1


def test_a_long_priority_request_has_the_rates_of_its_size_and_says_why(prices: Run) -> None:
    shown = prices("show", "gpt-5.5", "--tier", "priority", "--input-tokens", 300_000, "--why").stdout
    assert re.search(r"output +45\.00  per 1M tokens", shown)
    assert "300,000 tokens: from 272,001 on, the whole request has these rates" in shown
    assert "priority (also sold: standard, batch, flex, fast)" in shown
    assert "us times 1.1" in shown
    assert "checked   2026-11-17 (openai.yaml, shipped)" in shown


def test_how_prompts_are_cached_is_told_with_the_other_facts(prices: Run) -> None:
    by_itself = " ".join(prices("show", "gpt-5.5", "--provider", "openai").stdout.split())
    assert "caches by itself, from 1,024 tokens, for 5 min at least" in by_itself
    on_request = " ".join(prices("show", "claude-haiku-4-5", "--provider", "anthropic").stdout.split())
    assert "caches on request, from 4,096 tokens, for 5 min at least" in on_request
    assert "released 2025-10-01" in on_request


def test_the_source_of_a_users_own_price_is_the_users_file_and_of_an_alias_its_models(
    prices: Run, tmp_path: Path
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(MINE.replace("models:", "source: our rack\nchecked: 2026-11-20\nmodels:"))
    local = "".join(prices("show", "llama", "--prices", own).stdout.split())
    assert f"sourceourrackchecked2026-11-20({own})" in local
    alias = "".join(prices("show", "my-deploy", "--prices", own, "--why").stdout.split())
    assert "checked2026-11-17(azure.yaml,shipped)" in alias


def test_a_price_of_the_past_is_shown_with_the_day_on_which_it_ended(prices: Run) -> None:
    shown = prices("show", "o3", "--as-of", "2025-06-01").stdout
    assert re.search(r"input +10\.00  per 1M tokens", shown)
    assert "2025-06-01 12:00 UTC: the first price known, until 2025-06-10" in shown
    assert "History of standard" in shown


def test_a_retirement_is_shown_with_who_says_so(prices: Run) -> None:
    shown = "".join(prices("show", "claude-3-opus-20240229").stdout.split())
    assert "retires2026-01-05" in shown
    assert "2026-01-05,https://platform.claude.com/docs/en/about-claude/model-deprecations,2026-11-23" in shown


def test_an_hour_with_rates_of_its_own_is_named(prices: Run) -> None:
    shown = prices("show", "deepseek-chat", "--as-of", "2025-06-01T18:00", "--why").stdout
    assert "input       0.135  per 1M tokens" in shown
    assert "daily 00:00-00:30, 16:30-24:00 UTC" in shown
    assert "https://api-docs.deepseek.com/news/news250226" in shown


def test_a_region_multiplies_every_rate_of_tokens(prices: Run) -> None:
    card = json.loads(prices("show", "gpt-5.5", "--provider", "openai", "--region", "us", "--format", "json").stdout)
    assert {rate["unit"]: rate["usd"] for rate in card["rates"]}["input"] == "5.5"
    assert card["why"]["region"] == "us: every token's rate times 1.1"


def test_a_discount_is_in_the_rates_and_is_told(prices: Run, tmp_path: Path) -> None:
    shown = prices("show", "claude-haiku-4-5", "--prices", mine(tmp_path), "--why").stdout
    assert re.search(r"input +0\.85 +per 1M tokens", shown)
    assert re.search(r"web_search +8\.50 +per 1,000 searches", shown)
    assert "times 0.85, by a discount of yours" in shown


@pytest.mark.parametrize("words", [["azure/my-deploy"], ["my-deploy", "--provider", "azure"], ["my-deploy"]])
def test_a_deployments_name_is_told_how_to_get_a_meaning(prices: Run, words: list[str]) -> None:
    told = ended(prices("show", *words))
    assert "alias: {" in told
    assert "azure/MODEL" in told
    assert "--prices" in told


def test_an_alias_gives_a_deployment_the_rates_of_its_model(prices: Run, tmp_path: Path) -> None:
    shown = prices("show", "my-deploy", "--prices", mine(tmp_path)).stdout
    assert shown.startswith("azure/gpt-5.5\n")
    assert "by an alias of the user's" in shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "gpt-5.6-proo"], "nearest: "),
        (["show", "llama-3.3-70b-instruct"], "say whose: "),
        (["show", "gpt-5.5", "--tier", "flix"], "--tier: unknown tier 'flix' (did you mean 'flex'?)"),
        (["show", "claude-sonnet-4-5", "--tier", "flex"], "has no price for the tier 'flex' (it has: standard, batch)"),
        (["show", "gpt-5.5", "--as-of", "soon"], "--as-of: 'soon' is no day"),
        (["show", "gpt-5.5", "--format", "jsn"], "--format: unknown format 'jsn' (did you mean 'json'?)"),
        (["list", "--provider", "opnai"], "--provider: unknown provider 'opnai' (did you mean 'openai'?)"),
        (["list", "--mode", "chats"], "--mode: unknown mode 'chats' (did you mean 'chat'?)"),
        (["diff", "shipped", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["import", "--from", "litelm", "x.json"], "did you mean 'litellm'?"),
        (["import", "--from", "litellm", "nowhere.json"], "nowhere.json: cannot be read"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(prices: Run, words: list[str], told: str) -> None:
    assert told in ended(prices(*words))


BROKEN = [
    ('    prices: [{rates: {input: "-1"}}]', 4, "a price of -1 for input"),
    ('    prices: [{rates: {inptu: "1"}}]', 4, "unknown unit 'inptu' (did you mean 'input'?)"),
    ('    prices: [{rates: {input: "5000"}}]', 4, "absurdly high"),
    ('    price: [{rates: {input: "1"}}]', 4, "unknown key 'price' (did you mean 'prices'?)"),
    ("    prices: []", 4, "expected `array` of length >= 1"),
    ('    prices: [{rates: {input: "1"}, tiers: {bach: {rates: {input: "1"}}}}]', 4, "did you mean 'batch'?"),
    ('    prices:\n      - {from: 2025-02-01, rates: {input: "1"}}\n      - {from: 2025-01-01, rates: {input: "2"}}', 6,
     "not in order of time"),
    ('    context_window: 9\n    prices: [{rates: {input: "1"}, above: [{tokens: 10, rates: {input: "2"}}]}]', 5,
     "in a context window of 9"),
    ('    prices: [{rates: {input: "1"}}]\n    prices: []', 5, "key 'prices' stands here twice"),
    ('    prices: [{rates: {input: "1"}', 5, "expected"),
]  # fmt: skip


def test_ten_broken_files_are_ten_clear_lines_and_exit_code_2(prices: Run, tmp_path: Path) -> None:
    for number, (text, _, _) in enumerate(BROKEN):
        (tmp_path / f"{number}.yaml").write_text(OWN + text)
    result = prices("lint", tmp_path)
    lines = result.stdout.splitlines()
    assert "prices lint: 10 problems" in ended(result)
    assert len(lines) == len(BROKEN)
    for number, (line, (_, where, what)) in enumerate(zip(lines, BROKEN, strict=True)):
        assert line.startswith(f"{tmp_path / f'{number}.yaml'}:{where}: ")
        assert what in line


def test_fine_files_are_counted(prices: Run, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN + '    prices: [{rates: {input: "1"}}]')
    result = prices("lint", tmp_path)
    assert (result.exit_code, result.stdout) == (0, "1 file, 1 model, 1 dated price: no problems\n")


def test_a_difference_is_told_rate_by_rate_with_its_percentage(prices: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(
        OWN + '    prices: [{rates: {input: "2", output: "8"}}]\n  - {model: gone, prices: [{rates: {page: "1"}}]}'
    )
    new.write_text(
        OWN + '    prices: [{rates: {input: "2.5", output: "8"}}]\n  - {model: here, prices: [{rates: {page: "1"}}]}'
    )
    shown = prices("diff", old, new).stdout
    assert "- own/gone\n+ own/here\n~ own/m\n  input  2  ->  2.5  (+25.0 %)  per 1M tokens  standard\n" in shown
    assert "1 added, 1 removed, 1 changed (each by itself)" in shown
    assert (
        "| own/m | input per 1M tokens, standard | 2 | 2.5 | +25.0 % |"
        in prices("diff", old, new, "--format", "markdown").stdout
    )


def test_a_discount_is_compared_over_the_shipped_prices(prices: Run, tmp_path: Path) -> None:
    found = json.loads(prices("diff", "shipped", mine(tmp_path), "--format", "json").stdout)
    first = found["models"][0]["rates"][0]
    assert (found["added"], found["removed"], found["changed"]) == (1, 0, 1)
    assert (first["unit"], Decimal(first["old"]), Decimal(first["new"]), first["percent"]) == (
        "input", Decimal(1), Decimal("0.85"), "-15.0 %",
    )  # fmt: skip


def test_every_command_has_an_example_in_its_help(prices: Run) -> None:
    for command in ("list", "show", "lint", "diff", "import"):
        assert "Example: costsim prices" in prices(command, "--help").stdout


def mine(folder: Path) -> Path:
    path = folder / "mine.yaml"
    path.write_text(MINE)
    return path


def ended(result: Result) -> str:
    """What a user reads of a mistake, which is one line and exit code 2."""
    problem = result.exception
    assert isinstance(problem, UsageError | ConfigError), result.output
    assert problem.exit_code == 2
    assert "\n" not in str(problem)
    return str(problem)
