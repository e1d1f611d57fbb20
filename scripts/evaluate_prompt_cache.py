"""Compares simulated prompt caches with what logs report as read from the cache.

    python -m scripts.evaluate_prompt_cache CALLS.parquet...

CALLS are files of `costsim ingest`. Calls keep their model; a model has the rules of the price table, and the lifetime
of an hour where the log writes for an hour. Calls of models that cache only when asked to count where their
conversation ever used the cache: who never asks for it has none.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scripts.command_line import file, parser_of

from costsim import prices
from costsim.policies import as_logged
from costsim.policies.levers.prompt_cache import CacheRules, Requests, simulate
from costsim.schema import whole_numbers

Ints = NDArray[np.int64]

MINUTES_5, HOUR = 300_000_000, 3_600_000_000


class Compared(NamedTuple):
    """What was read from caches, in tokens, by the log and by the simulation."""

    model: str
    calls: int
    input_tokens: int
    logged: int
    simulated: int
    agree: int
    """Calls of which both say that they read, or both that they did not."""


def rules(table: prices.PriceTable, hourly: set[int]) -> CacheRules:
    """Return the rules of all models; those in `hourly` keep what they cache for an hour."""
    facts = table.fact_columns
    lifetime = np.where(facts.cache_seconds < 0, MINUTES_5, facts.cache_seconds * 1_000_000)
    lifetime[[*hourly]] = HOUR
    return CacheRules(
        least=np.where(facts.cache_min_tokens < 0, 1024, facts.cache_min_tokens),
        step=np.maximum(facts.cache_step, 1),
        lifetime=lifetime,
        refreshed=facts.cache_refreshed != 0,
        everywhere=facts.cache_automatic != 0,
        writes=np.ones(len(lifetime), np.bool_),
        one_hour=np.zeros(len(lifetime), np.bool_),
    )


def requests(calls: pa.Table, model: NDArray[np.int32]) -> Requests:
    """Return the calls as they were made."""
    hashes = calls["prefix_hashes"].combine_chunks()
    total = whole_numbers(calls, "input_tokens")
    return Requests(
        at=whole_numbers(calls, "started_at"),
        model=model,
        share=np.ones(len(total)),
        input_tokens=total,
        counted_tokens=total,
        call=np.arange(len(total)),
        offsets=np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(hashes), 0).to_numpy())]),
        hashes=hashes.flatten().to_numpy(),
        tokens=calls["prefix_tokens"].combine_chunks().flatten().to_numpy(),
    )


def that_could(calls: pa.Table, explicit: NDArray[np.bool_]) -> pa.Table:
    """Return the calls that have prefixes, time and input, and whose conversation used the cache if it must ask."""
    used = (whole_numbers(calls, "cache_read_tokens", 0) > 0) | (whole_numbers(calls, "cache_write_tokens", 0) > 0)
    groups = pc.fill_null(calls["conversation_id"], "").to_numpy(zero_copy_only=False)
    asks = np.isin(groups, np.unique(groups[used]))
    known = (whole_numbers(calls, "started_at") >= 0) & (whole_numbers(calls, "input_tokens") > 0)
    known &= pc.fill_null(pc.list_value_length(calls["prefix_hashes"]), 0).to_numpy() > 0
    return calls.filter(pa.array(known & (asks | ~explicit)))


def compare(path: Path, table: prices.PriceTable) -> list[Compared]:
    """Return, for each model of a file, what was read by the log and by the simulation."""
    calls = pq.read_table(path)
    code = as_logged.models(calls, table)
    calls = calls.filter(pa.array(code >= 0))
    calls = that_could(calls, table.fact_columns.cache_automatic[code[code >= 0]] == 0)
    code = as_logged.models(calls, table)
    hourly = set(code[whole_numbers(calls, "cache_write_1h_tokens", 0) > 0].tolist())
    asked = requests(calls, code)
    with TemporaryDirectory() as folder:
        use = simulate(lambda _: asked, lambda _: asked.at, 1, rules(table, hourly), Path(folder)).both
        found = np.maximum(use.read, 0)
    logged = whole_numbers(calls, "cache_read_tokens", 0)
    of_model = {table.book.keys[model]: code == model for model in np.unique(code).tolist()}
    return [
        Compared(
            name,
            calls=int(chosen.sum()),
            input_tokens=int(asked.input_tokens[chosen].sum()),
            logged=int(logged[chosen].sum()),
            simulated=int(found[chosen].sum()),
            agree=int(((logged > 0) == (found > 0))[chosen].sum()),
        )
        for name, chosen in of_model.items()
    ]


def main() -> None:
    """Compare and print."""
    parser = parser_of(__doc__)
    parser.add_argument("calls", type=file, nargs="+", metavar="CALLS.parquet")
    table = prices.load()
    for path in parser.parse_args().calls:
        print(path)
        for one in compare(path, table):
            if one.logged or one.simulated:
                print(
                    f"  {one.model:38} {one.calls:4} calls, {one.input_tokens:>11,} input tokens, read by the log"
                    f" {one.logged / one.input_tokens:6.1%}, simulated {one.simulated / one.input_tokens:6.1%};"
                    f" read or not agrees in {one.agree / one.calls:6.1%}"
                )


if __name__ == "__main__":
    main()
