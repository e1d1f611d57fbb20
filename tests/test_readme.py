"""What the README tells a reader to type works: every `costsim` line of it is run, in a folder with the sample logs."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from costsim.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
FENCE = re.compile(r"^```(?:console|sh|bash|shell)\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[str]:
    """Each costsim command in the fences of a page, lines that go on after a backslash in one."""
    for fence in FENCE.findall(text):
        for line in fence.replace("\\\n", " ").splitlines():
            command = line.strip().removeprefix("$ ")
            if command.startswith("costsim ") or command == "costsim":
                yield " ".join(command.split())


def demo() -> str:
    """What `make demo` runs."""
    makefile = (ROOT / "Makefile").read_text()
    (command,) = re.findall(r"^demo:.*\n\t\$\(BIN\)/(costsim .*)$", makefile, re.MULTILINE)
    return str(command)


def _readme_commands() -> list[str]:
    return list(dict.fromkeys(commands(README.read_text(encoding="utf-8")))) if README.is_file() else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a reader has who has cloned the repository: its samples, and the pages and files at its root."""
    copy = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "sample_logs", copy / "sample_logs", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("docs", "examples", "policies"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name)
    for path in (*ROOT.glob("*.md"), *ROOT.glob("*.yaml")):
        shutil.copy(path, copy)
    return copy


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell would, with this very costsim in front of all others."""
    binaries = folder / "bin"
    if not binaries.exists():
        binaries.mkdir()
        script = binaries / "costsim"
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m costsim "$@"\n')
        script.chmod(0o755)
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def run_here(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, which need not start anew; one that needs a shell, in a shell."""
    if set(command) & set("|&;<>$*?`"):
        return run(command, folder)
    out, err = folder / "out.txt", folder / "err.txt"
    handlers = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)}
    with pytest.MonkeyPatch.context() as patch, out.open("w") as said, err.open("w") as complained:
        patch.setattr(sys, "argv", shlex.split(command))
        patch.setenv("COLUMNS", "100")
        with chdir(folder), redirect_stdout(said), redirect_stderr(complained), pytest.raises(SystemExit) as end:
            main()
    for each, handler in handlers.items():
        signal.signal(each, handler)
    return subprocess.CompletedProcess(command, int(end.value.code or 0), out.read_text(), err.read_text())


@pytest.fixture(scope="module")
def done(folder: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """All commands of the README in its order, as later ones may need what earlier ones wrote."""
    return {command: run_here(command, folder) for command in _readme_commands()}


@pytest.mark.skipif(os.name == "nt", reason="the README speaks to a POSIX shell")
@pytest.mark.parametrize("command", _readme_commands())
def test_a_command_of_the_readme_works(command: str, done: dict[str, subprocess.CompletedProcess[str]]) -> None:
    assert done[command].returncode == 0, done[command].stderr
    assert "Traceback" not in done[command].stderr


def shown_after(command: str) -> list[str]:
    """The lines that the README shows of a command's output: in the next fence of text, without what is left out."""
    page = README.read_text(encoding="utf-8")
    block = re.search(r"^```text\n(.*?)^```", page[page.index(f"$ {command}\n") :], re.MULTILINE | re.DOTALL)
    assert block is not None
    return [line for line in block[1].splitlines() if line != "..."]


@pytest.mark.skipif(os.name == "nt", reason="the README speaks to a POSIX shell")
@pytest.mark.parametrize(
    "command", ["costsim audit sample_logs/support_assistant.jsonl.gz", "costsim simulate --policy fitted.yaml"]
)
def test_what_the_readme_shows_is_what_comes_out(
    command: str, done: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    printed = done[command].stdout.splitlines()
    assert [line for line in shown_after(command) if line not in printed] == []


def test_the_readme_shows_commands() -> None:
    assert _readme_commands()


@pytest.mark.skipif(os.name == "nt", reason="the Makefile speaks to a POSIX shell")
def test_the_demo_works(folder: Path) -> None:
    done = run(demo(), folder)
    assert done.returncode == 0, done.stderr
    assert "$" in done.stdout


def test_commands_are_found_with_and_without_a_prompt_over_several_lines_and_only_in_fences() -> None:
    page = """
costsim not this
```python
costsim("nor this")
```
```console
$ make demo
$ costsim audit a.jsonl \\
    --by model
$3.20  for 12 calls
```
```sh
costsim formats   # what it reads
```
"""
    assert list(commands(page)) == ["costsim audit a.jsonl --by model", "costsim formats # what it reads"]
