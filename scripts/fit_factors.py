"""Fit the token factors of models on public outcome data, and write src/costsim/projection/factors.json.

    python -m scripts.fit_factors OUTCOMES.parquet CALLS.parquet

OUTCOMES: dataset, task, prompt_id, model, input_tokens, output_tokens, tokens_basis. CALLS: `costsim ingest` of real
logs, of which only the share of reasoning in the output of models that think is used.

Within a set of prompts a model's figure is the logarithm of a ratio of sums: its tokens over what its prompts ask for,
by Poisson regression on models and prompts. Over the sets these figures are a mixed model: family, model, task and
set. Its variances are of maximal likelihood, its effects the best linear unbiased predictions, so a figure with little
behind it is drawn towards its family. No row goes into the file, only these effects.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scripts.command_line import file, parser_of
from scripts.mixed_model import Figure, Floats, Mixed, family_of

from costsim.projection.names import short_name
from costsim.projection.prior import Effect, Effects, Spread, Table

Ints = NDArray[np.int64]

FACTORS = Path(__file__).parents[1] / "src" / "costsim" / "projection" / "factors.json"

OTHER_SETTINGS = "--optim"
"""Runs with tuned sampling are other settings of the same model."""
FEWEST_PROMPTS = 30
FEWEST_COUNTED_PROMPTS = 8
"""The input of few prompts tells enough: their text is known, only its tokens differ."""
FEWEST_THINKING_CALLS = 3
LEAST_RATIO = 0.5
"""Of a count of input over the median of all models on the prompt."""
ROUNDS = 60


class Rows(NamedTuple):
    """Tokens of models on prompts of one set, means of repeated answers; codes into `models` and of prompts."""

    models: list[str]
    model: Ints
    prompt: Ints
    tokens: Floats


def read(path: Path) -> pa.Table:
    """Return the outcomes that one can learn from, with short names of models."""
    rows = pq.read_table(path)
    names = rows["model"].combine_chunks().dictionary_decode()
    rows = rows.set_column(rows.column_names.index("model"), "model", names)
    rows = rows.filter(pc.invert(pc.match_substring(rows["model"], OTHER_SETTINGS)))
    short = [short_name(name) for name in rows["model"].to_pylist()]
    return rows.set_column(rows.column_names.index("model"), "model", pa.array(short))


def rows_of(table: pa.Table, column: str) -> Rows:
    """Return the mean tokens of each model and prompt of a table, where they are above zero."""
    table = table.filter(pc.greater(table[column], 0))
    means = table.group_by(["model", "prompt_id"]).aggregate([(column, "mean")])
    model, prompt = (means[name].combine_chunks().dictionary_encode() for name in ("model", "prompt_id"))
    tokens = means[f"{column}_mean"].to_numpy().astype(float)
    of_model, of_prompt = (each.indices.to_numpy().astype(np.int64) for each in (model, prompt))
    return Rows(model.dictionary.to_pylist(), of_model, of_prompt, tokens)


def figures(rows: Rows, dataset: str, task: str, fewest: int) -> list[Figure]:
    """Return the figure of each model in one set, by Poisson regression on models and prompts."""
    ratio = np.ones(len(rows.models))
    for _ in range(ROUNDS):
        asks = np.bincount(rows.prompt, rows.tokens) / np.maximum(np.bincount(rows.prompt, ratio[rows.model]), 1e-9)
        ratio = np.bincount(rows.model, rows.tokens) / np.bincount(rows.model, asks[rows.prompt])
    rest = rows.tokens - ratio[rows.model] * asks[rows.prompt]
    error = np.sqrt(np.bincount(rows.model, rest**2)) / np.bincount(rows.model, rows.tokens)
    prompts = np.bincount(rows.model)
    return [
        Figure(dataset, task, name, float(np.log(ratio[code])), float(error[code]), int(prompts[code]))
        for code, name in enumerate(rows.models)
        if prompts[code] >= fewest
    ]


def by_set(table: pa.Table) -> Iterator[pa.Table]:
    """Yield the rows of each set of prompts: a dataset and a task."""
    sets = table.group_by(["dataset", "task"]).aggregate([]).to_pylist()
    for one in sorted(sets, key=lambda each: (str(each["dataset"]), str(each["task"]))):
        yield table.filter(pc.and_(pc.equal(table["dataset"], one["dataset"]), pc.equal(table["task"], one["task"])))


def all_figures(table: pa.Table, column: str, fewest: int = FEWEST_PROMPTS) -> list[Figure]:
    """Return the figures of every set."""
    return [
        each
        for chosen in by_set(table)
        for each in figures(rows_of(chosen, column), chosen["dataset"][0].as_py(), chosen["task"][0].as_py(), fewest)
    ]


START = Spread(family=0.1, model=0.1, task=0.038, prompts=0.1)
"""Input is counted by providers for one task only; 0.038 is how far cl100k_base over o200k_base differs by task in
10,000 labelled prompts."""


def fit_inputs(table: pa.Table) -> Effects:
    """Return how models count input, from the counts of providers; each way to ask is a set of prompts."""
    counted = table.filter(pc.equal(table["tokens_basis"], "provider"))
    prompts = zip(counted["dataset"].to_pylist(), counted["prompt_id"].to_pylist(), strict=True)
    sets = [f"{one}|{name.rpartition('|')[2]}" if "|" in name else one for one, name in prompts]
    counted = counted.set_column(counted.column_names.index("dataset"), "dataset", pa.array(sets))
    mixed = Mixed(all_figures(plausible(counted), "input_tokens", FEWEST_COUNTED_PROMPTS))
    return mixed.effects(mixed.likeliest(START, free=("family", "model", "prompts")))


def plausible(counted: pa.Table) -> pa.Table:
    """Leave out counts of characters, and of only what a server had not cached."""
    tokens = counted["input_tokens"].to_numpy()
    prompts = counted["prompt_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    order = np.lexsort((tokens, prompts))
    first = np.flatnonzero(np.append(True, np.diff(prompts[order]) != 0))
    sizes = np.diff(np.append(first, len(order)))
    median = np.zeros(len(sizes))
    median[prompts[order][first]] = tokens[order][first + sizes // 2]
    ratio = tokens / median[prompts]
    return counted.filter(pa.array((ratio > LEAST_RATIO) & (ratio < 1 / LEAST_RATIO)))


def output_figures(table: pa.Table, inputs: Effects) -> list[Figure]:
    """Return how much models write, in tokens of one tokenizer: what providers counted is converted."""
    by_providers = set(table.filter(pc.equal(table["tokens_basis"], "provider"))["dataset"].unique().to_pylist())
    return [
        replace(each, log=each.log - _tokenizer(each.model, inputs)) if each.dataset in by_providers else each
        for each in all_figures(table, "output_tokens")
    ]


def _tokenizer(model: str, inputs: Effects) -> float:
    known = inputs.models.get(model) or inputs.families.get(family_of(model) or "")
    return known.log if known else 0.0


def fit_thinking(calls: pa.Table) -> Effect:
    """Return what reasoning adds to the output of models that think: the mean and spread over models of logarithms."""
    logs, number = [], 0
    outputs, hidden = (pc.fill_null(calls[name], 0).to_numpy() for name in ("output_tokens", "reasoning_tokens"))
    names = np.array([short_name(name or "") for name in calls["model"].to_pylist()])
    for name in np.unique(names[(hidden > 0) & (outputs > hidden)]):
        chosen = (names == name) & (hidden > 0) & (outputs > hidden)
        if chosen.sum() >= FEWEST_THINKING_CALLS:
            logs.append(np.log(outputs[chosen].sum() / (outputs - hidden)[chosen].sum()))
            number += int(chosen.sum())
    return Effect(round(float(np.mean(logs)), 3), round(float(np.std(logs, ddof=1)), 3), number)


def chance_of_calls(table: pa.Table) -> float:
    """Return the root mean square of y - r x over the mean of y: the median over sets of the median over pairs."""
    of_sets = []
    for chosen in by_set(table):
        found = []
        for x, y in permutations(grid(chosen, "output_tokens")[1], 2):
            both = ~np.isnan(x) & ~np.isnan(y)
            if both.sum() >= FEWEST_PROMPTS:
                rest = y[both] - x[both] * (y[both].sum() / x[both].sum())
                found.append(float(np.sqrt(np.mean(rest**2)) / y[both].mean()))
        of_sets.append(np.median(found))
    return round(float(np.median(of_sets)), 3)


def chance_of_mixes(table: pa.Table) -> float:
    """Return how far ratios of mean outputs are off when two models share a task and no prompts.

    The logarithm of the mean output of the longer half of a set's prompts over that of the shorter half, as a router
    may split them, over the median spread of a model's outputs; the root mean square over sets.
    """
    found = []
    for chosen in by_set(table.filter(pc.is_valid(table["input_tokens"]))):
        prompts = chosen.group_by("prompt_id").aggregate([("input_tokens", "mean"), ("output_tokens", "mean")])
        length, asks = (prompts[f"{name}_tokens_mean"].to_numpy() for name in ("input", "output"))
        longer = length > np.median(length)
        tokens = grid(chosen, "output_tokens")[1]
        spread = np.median(np.nanstd(tokens, axis=1) / np.nanmean(tokens, axis=1))
        found.append(np.log(asks[longer].mean() / asks[~longer].mean()) / spread)
    return round(float(np.sqrt(np.mean(np.square(found)))), 3)


def grid(rows: pa.Table, column: str) -> tuple[list[str], Floats]:
    """Return the models of a set and their tokens, [models, prompts]; nan where a model has not answered."""
    some = rows_of(rows, column)
    tokens = np.full((len(some.models), int(some.prompt.max()) + 1), np.nan)
    tokens[some.model, some.prompt] = some.tokens
    return some.models, tokens


def fit(outcomes: pa.Table, thinking: Effect) -> Table:
    """Return all figures."""
    inputs = fit_inputs(outcomes)
    answered = outcomes.filter(pc.greater(pc.fill_null(outcomes["output_tokens"], 0), 0))
    mixed = Mixed(output_figures(answered, inputs))
    outputs = mixed.effects(mixed.likeliest(START))
    return Table(inputs, outputs, thinking, chance_of_mixes(answered), chance_of_calls(answered))


def main() -> None:
    """Fit and write."""
    parser = parser_of(__doc__)
    parser.add_argument("outcomes", type=file, metavar="OUTCOMES.parquet")
    parser.add_argument("calls", type=file, metavar="CALLS.parquet")
    asked = parser.parse_args()
    thinking = fit_thinking(pq.read_table(asked.calls, columns=["model", "output_tokens", "reasoning_tokens"]))
    fitted = fit(read(asked.outcomes), thinking)
    FACTORS.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=1) + b"\n")


if __name__ == "__main__":
    main()
