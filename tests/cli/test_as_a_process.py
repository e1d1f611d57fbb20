"""What only a process of its own can show: pipes that close, signals, standard input, a terminal without colours."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.ingest.logs import call, calls

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")

COMMAND = [sys.executable, "-m", "costsim"]


def run(folder: Path, *arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


def test_standard_input_is_a_log_and_no_colour_reaches_a_pipe(tmp_path: Path) -> None:
    end = run(tmp_path, "audit", "-", stdin=calls(3), FORCE_COLOR="1", NO_COLOR="1", PYTHONIOENCODING="ascii")
    assert (end.returncode, end.stderr) == (0, b"")
    assert end.stdout.startswith(b"$")
    assert b"\x1b" not in end.stdout
    assert end.stdout.isascii()


@pytest.mark.parametrize("arguments", [["audit", "log.jsonl", "--rejects", "--quiet"], ["audit", "--help"]])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "log.jsonl").write_bytes(calls(1) + b"{broken\n" * 900)
    read, write = os.pipe()
    os.close(read)
    end = subprocess.run(
        [*COMMAND, *arguments, *["--quiet"][: "--help" not in arguments]],
        cwd=tmp_path,
        stdout=write,
        stderr=-1,
        check=False,
    )
    os.close(write)
    assert (end.returncode, end.stderr) == (0, b"")


def test_whoever_hears_no_warnings_still_gets_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    read, write = os.pipe()
    os.close(read)
    end = subprocess.run([*COMMAND, "audit", "empty.jsonl"], cwd=tmp_path, stdout=write, stderr=write, check=False)
    os.close(write)
    assert end.returncode == 3


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_in_the_middle_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    row = (json.dumps(call(1, padding="x" * 2000)) + "\n").encode()
    (tmp_path / "big.jsonl").write_bytes(row * 30_000)
    (tmp_path / "report.json").write_text("old")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [*COMMAND, "audit", "big.jsonl", "--workers", "2", "--format", "json", "--out", "report.json"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env=environment, start_new_session=True)
    while not list((tmp_path / ".costsim").glob("run-*")) and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, getattr(signal, name))
    _, said = process.communicate(timeout=30)
    assert said == b"costsim: interrupted; nothing was written\n"
    assert process.returncode in (
        130,
        -signal.SIGINT,
    )  # Python may end itself by the signal, which a shell calls 130 too
    assert (tmp_path / "report.json").read_text() == "old"
    assert [path.name for path in (tmp_path / ".costsim").iterdir()] == [".gitignore"]
    assert list(temporary.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


_HIT_WHILE_LOADING = """
import os, runpy, signal, sys
ignored, name, module, *sys.argv[1:] = sys.argv[1:]
number = getattr(signal, name)
if ignored == "ignored":
    signal.signal(number, signal.SIG_IGN)

class Hit:
    def find_spec(self, wanted, *_):
        if wanted == module:
            try:
                os.kill(os.getpid(), number)
                for _ in range(1000):
                    pass
            except BaseException:  # as some libraries do while they are loaded
                if ignored:
                    raise

sys.meta_path.insert(0, Hit())
runpy.run_module("costsim", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("name", "module", "ignored"),
    [
        ("SIGINT", "costsim.cli", ""),
        ("SIGTERM", "costsim.cli.audit", ""),
        ("SIGINT", "numpy", ""),
        ("SIGHUP", "numpy", "ignored"),
    ],
)
def test_an_interrupt_while_the_command_is_loaded_ends_it_as_a_later_one_does(
    tmp_path: Path, name: str, module: str, ignored: str
) -> None:
    (tmp_path / "log.jsonl").write_bytes(calls(3))
    hit = [sys.executable, "-c", _HIT_WHILE_LOADING, ignored, name, module]
    end = subprocess.run([*hit, "audit", "log.jsonl"], cwd=tmp_path, capture_output=True, check=False, timeout=60)
    interrupted = (130, b"costsim: interrupted; nothing was written\n")
    assert (end.returncode, end.stderr) == ((0, b"") if ignored else interrupted)
