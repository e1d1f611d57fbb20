"""What costsim is measured against, each its own process: `python benchmarks/programs/yardsticks.py duckdb FILE`."""

import json
import sys
from pathlib import Path

import duckdb

SUM_BY_MODEL = """
    SELECT response.model, count(*), sum(response.usage.prompt_tokens), sum(response.usage.completion_tokens)
    FROM read_json(?, format = 'newline_delimited')
    GROUP BY ALL
"""


def duckdb_sum(log: Path) -> None:
    """DuckDB adds up the tokens of each model, on all cores, as it comes."""
    for row in duckdb.execute(SUM_BY_MODEL, [str(log)]).fetchall():
        print(*row)


SUM_BY_MODEL_AND_TASK = """
    SELECT model, task, sum(input_tokens), sum(output_tokens) FROM read_parquet(?) GROUP BY ALL
"""


def duckdb_parquet(calls: Path) -> None:
    """DuckDB adds up the tokens of each model and task of a file of calls."""
    for row in duckdb.execute(SUM_BY_MODEL_AND_TASK, [str(calls)]).fetchall():
        print(*row)


def json_loads(log: Path) -> None:
    """Python's own decoder reads every line, and nothing else is done."""
    lines = 0
    with log.open("rb") as file:
        for line in file:
            json.loads(line)
            lines += 1
    print(lines)


YARDSTICKS = {"duckdb": duckdb_sum, "duckdb-parquet": duckdb_parquet, "json.loads": json_loads}

if __name__ == "__main__":
    YARDSTICKS[sys.argv[1]](Path(sys.argv[2]))
