"""Measures token factors on public outcome data: how far off they are, and how often their interval holds the truth.

    python -m scripts.evaluate_projection OUTCOMES.parquet

The truth is the ratio of sums on prompts that the factor has not seen, with the error that so few prompts have. Priors
of outputs are fitted anew without the set of prompts that they are measured on (with the variances of all sets), those
of inputs are as shipped; probes are drawn from the set and left out of the truth. The outcomes hold no hidden
reasoning, so that part of the prior is left out too.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scripts.command_line import file, parser_of
from scripts.fit_factors import by_set, grid, output_figures, plausible, read
from scripts.mixed_model import Mixed

from costsim.projection import ONE, Answered, Factor, Factors, Measured, measured
from costsim.projection.prior import Effect, Effects, Table, table

Floats = NDArray[np.float64]

PAIRS, DRAWS = 150, 3
"""Pairs of models of each set of prompts, and draws of probes for each."""
PROBES = (10, 25, 50, 100)
FEWEST_LEFT = 60
"""Prompts that must be left to tell the truth."""
INTERVAL = 1.645
"""Standard deviations on each side of a 90 % interval."""
SAYS_ALL = Effect(0.0, 0.0)
NO_TOKENIZER = Effects(table().input.spread.__class__(0.0, 0.0, 0.0, 0.0), {}, {}, {})


class Truth(NamedTuple):
    """The logarithm of a ratio of sums, and its standard error: so few prompts are not all prompts."""

    log: float
    sd: float


def truth_of(two: Floats, prompts: NDArray[np.int64]) -> Truth:
    """Return the truth by some prompts of two models."""
    x, y = two[0, prompts], two[1, prompts]
    ratio = y.sum() / x.sum()
    return Truth(float(np.log(ratio)), float(np.sqrt(np.mean((y - ratio * x) ** 2) / len(x)) / y.mean()))


@dataclass
class Errors:
    """Errors of one way to get a factor."""

    off: list[float]
    """Projected tokens over the true ones, less 1."""
    inside: list[bool]
    """Whether the 90 % interval holds the truth."""

    def add(self, log: float, sd: float | None, truth: Truth) -> None:
        """Take in a factor, with its standard deviation if it has one, and the true one; all as logarithms."""
        self.off.append(abs(float(np.expm1(log - truth.log))))
        if sd is not None:
            self.inside.append(abs(log - truth.log) <= INTERVAL * float(np.hypot(sd, truth.sd)))

    def __str__(self) -> str:
        off = np.array(self.off)
        inside = f", 90 % interval holds {np.mean(self.inside):6.1%}" if self.inside else ""
        return (
            f"median {np.median(off):6.1%}, mean {off.mean():6.1%}, p90 {np.quantile(off, 0.9):6.1%},"
            f" worst {off.max():7.1%} over {len(off):5}{inside}"
        )


Found = dict[str, Errors]


def pairs(tokens: Floats, most: int, draw: np.random.Generator) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Yield some pairs of models and the prompts that both answered."""
    every = [*combinations(range(len(tokens)), 2)]
    draw.shuffle(every)
    for source, target in every[:most]:
        both = np.flatnonzero(~np.isnan(tokens[source]) & ~np.isnan(tokens[target]))
        if len(both) >= FEWEST_LEFT:
            yield source, target, both


def as_measured(tokens: Floats, prompts: NDArray[np.int64], names: list[str], task: str) -> Measured:
    """Return what a log says that holds two models' answers to some prompts; as input and as output."""
    counts = np.rint(tokens[:, prompts]).astype(np.int64).ravel()
    ids = np.tile(prompts + 1, 2).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    model = np.repeat([0, 1], len(prompts)).astype(np.int32)
    return measured(Answered(ids, model, np.zeros(len(ids), np.int32), counts, counts), names, [task])


def left_out(outcomes: pa.Table, dataset: str, column: str) -> Table:
    """Return the figures without a dataset, for what its tokens count."""
    shipped = table()
    rest = outcomes.filter(pc.not_equal(outcomes["dataset"], dataset))
    basis = outcomes.filter(pc.equal(outcomes["dataset"], dataset))["tokens_basis"][0].as_py()
    if column == "input_tokens":
        return msgspec.structs.replace(shipped, thinking=SAYS_ALL)
    outputs = Mixed(output_figures(rest, shipped.input)).effects(shipped.output.spread)
    inputs = shipped.input if basis == "provider" else NO_TOKENIZER
    return msgspec.structs.replace(shipped, thinking=SAYS_ALL, output=outputs, input=inputs)


def log_of(factor: Factor, column: str) -> tuple[float, float]:
    """Return the logarithm of a factor and its standard deviation."""
    if column == "input_tokens":
        return float(np.log(factor.input / ONE)), factor.input_sd
    return float(np.log(factor.output / ONE)), factor.output_sd


def evaluate(rows: pa.Table, column: str, fitted: Table, found: dict[str, Found], most: int = PAIRS) -> None:
    """Take in one set of prompts."""
    draw = np.random.default_rng(7)
    dataset, task = (str(rows[name][0].as_py()) for name in ("dataset", "task"))
    models, tokens = grid(rows, column)
    of_set = found[f"{dataset}, {task}"]
    for source, target, both in pairs(tokens, most, draw):
        two, names = tokens[[source, target]], [models[source], models[target]]
        truth = truth_of(two, both)
        of_set["naive: as many as the source"].add(0.0, None, truth)
        prior = Factors(fitted=fitted).of(names[0], names[1], task)
        of_set["prior" if prior.output_basis == "prior" else "unknown"].add(*log_of(prior, column), truth)
        for number in PROBES:
            if len(both) - number >= FEWEST_LEFT:
                _with_probes(two, both, number, names, task, fitted, column, of_set, draw)
        if column == "output_tokens":
            _on_other_prompts(two, both, names, task, fitted, of_set, draw)


def _with_probes(
    two: Floats,
    both: NDArray[np.int64],
    number: int,
    names: list[str],
    task: str,
    fitted: Table,
    column: str,
    of_set: Found,
    draw: np.random.Generator,
) -> None:
    for _ in range(DRAWS):
        mixed = draw.permutation(both)
        probes, rest = mixed[:number], mixed[number:]
        truth = truth_of(two, rest)
        factor = Factors(as_measured(two, probes, names, task), fitted=fitted).of(names[0], names[1], task)
        of_set[f"{number:3} probes and the prior"].add(*log_of(factor, column), truth)
        alone = float(np.log(two[1, probes].sum() / two[0, probes].sum()))
        of_set[f"{number:3} probes alone"].add(alone, None, truth)


def _on_other_prompts(
    two: Floats,
    both: NDArray[np.int64],
    names: list[str],
    task: str,
    fitted: Table,
    of_set: Found,
    draw: np.random.Generator,
) -> None:
    """The source had one half of the prompts, the target the other: those that ask for more, mostly."""
    asks = two[:, both].sum(axis=0) * np.exp(draw.normal(0, 1, len(both)))
    harder = asks > np.median(asks)
    halves = two.copy()
    halves[0, both[harder]], halves[1, both[~harder]] = np.nan, np.nan
    counts = halves[~np.isnan(halves)]
    model, prompt = np.nonzero(~np.isnan(halves))
    told = measured(
        Answered(
            (prompt + 1).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15),
            model.astype(np.int32),
            np.zeros(len(model), np.int32),
            *(np.rint(counts).astype(np.int64),) * 2,
        ),
        names,
        [task],
    )
    truth = truth_of(two, both)
    factor = Factors(told, fitted=fitted).of(names[0], names[1], task)
    of_set["harder prompts on the target, and the prior"].add(*log_of(factor, "output_tokens"), truth)


def show(title: str, found: dict[str, Found]) -> None:
    """Print the errors by set and over all sets, each set weighing the same."""
    print(f"\n{title}")
    for name, of_set in found.items():
        print(f" {name}")
        for way, errors in sorted(of_set.items()):
            print(f"   {way:46} {errors}")
    print(" mean of the sets")
    for way in sorted({way for of_set in found.values() for way in of_set}):
        some = [of_set[way] for of_set in found.values() if way in of_set]
        middle = np.mean([np.median(errors.off) for errors in some])
        line = f"   {way:46} median {middle:6.1%}, mean {np.mean([np.mean(errors.off) for errors in some]):6.1%}"
        if some[0].inside:
            line += f", 90 % interval holds {np.mean([np.mean(errors.inside) for errors in some]):6.1%}"
        print(line)


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("outcomes", type=file, metavar="OUTCOMES.parquet")
    outcomes = read(parser.parse_args().outcomes)
    outcomes = outcomes.filter(pc.greater(pc.fill_null(outcomes["output_tokens"], 0), 0))
    for column, rows in (
        ("output_tokens", outcomes),
        ("input_tokens", plausible(outcomes.filter(pc.equal(outcomes["tokens_basis"], "provider")))),
    ):
        found: dict[str, Found] = defaultdict(lambda: defaultdict(lambda: Errors([], [])))
        for one in by_set(rows):
            evaluate(one, column, left_out(outcomes, one["dataset"][0].as_py(), column), found)
        show(column, found)


if __name__ == "__main__":
    main()
