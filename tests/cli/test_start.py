"""A command starts at once: it loads nothing that it has no use for."""

import subprocess
import sys
from pathlib import Path

from tests.ingest.logs import calls

_RUN = """
import sys, numpy, pyarrow.compute
before = {*sys.modules}
from costsim.cli import main
try:
    main()
finally:
    print(*{*sys.modules} - before, file=sys.stderr)
"""


def loaded(folder: Path, *arguments: str) -> set[str]:
    run = [sys.executable, "-c", _RUN, *arguments, "--quiet"]
    return set(subprocess.run(run, cwd=folder, capture_output=True, check=True, text=True).stderr.split())


def test_an_audit_of_known_calls_loads_no_processes_nor_masked_arrays_nor_yaml(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(calls(3))
    assert {"costsim.formats", "yaml"} <= loaded(tmp_path, "audit", "log.jsonl")
    unused = {"costsim.formats", "costsim.cli.simulate", "yaml", "tomllib", "json", "multiprocessing", "numpy.ma"}
    assert not unused & loaded(tmp_path, "audit", "log.jsonl")


def test_a_simulation_loads_no_findings_nor_masked_arrays(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(calls(3))
    found = loaded(tmp_path, "simulate", "log.jsonl", "--policy", "everything-cheapest")
    assert "costsim.summary.simulation.simulate" in found
    assert not {"costsim.summary.findings", "tomllib", "numpy.ma"} & found
