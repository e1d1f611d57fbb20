"""`costsim tasks` as a user types it: what is printed for which line, and how it ends."""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Costsim

TRANSLATE = "Translate to German: good morning"
LINES = [
    json.dumps({"id": "a", "prompt": TRANSLATE}),
    json.dumps({"id": 7, "prompt": "It crashes", "system": "Classify the ticket as bug or feature. One word."}),
    "{broken",
    "",
    json.dumps({"prompt": 42, "id": "n"}),
    json.dumps({"messages": [{"role": "user", "content": [{"type": "text", "text": "Write a Python function."}]}]}),
]


def texts(folder: Path, *lines: str, name: str = "texts.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_every_line_has_a_line_in_order_and_a_bad_one_has_nulls_and_is_told(costsim: Costsim, folder: Path) -> None:
    ended = costsim("tasks", "classify", texts(folder, *LINES))
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [(row["id"], row["task"]) for row in rows] == [
        ("a", "translation"), (7, "classification"), (3, None), (4, None), ("n", None), (6, "code"),
    ]  # fmt: skip
    assert [*rows[0]] == ["id", "task", "confidence", "complexity", "complexity_score"]
    assert {*rows[2].values()} == {3, None}
    assert [line.removeprefix(str(folder)) for line in ended.said] == [
        "/texts.jsonl:3: is no JSON",
        "/texts.jsonl:4: empty",
        "/texts.jsonl:5: 'prompt' is no text",
        "3 of 6 lines could not be read; their tasks are null",
    ]
    assert ended.code == 0


def test_the_fields_have_the_names_that_the_user_gives(costsim: Costsim, folder: Path) -> None:
    line = json.dumps({"prompt": "hello", "ask": "It crashes", "role": "Classify the ticket as bug or feature."})
    ended = costsim("tasks", "classify", texts(folder, line), "--text-field", "ask", "--system-field", "role")
    assert json.loads(ended.out)["task"] == "classification"
    ended = costsim("tasks", "classify", texts(folder, line), "--text-field", "askk")
    assert "has no field 'askk' (did you mean 'ask'?)" in ended.err
    assert ended.code == 3


def test_csv_goes_in_and_out_with_line_ends_in_its_cells(costsim: Costsim, folder: Path) -> None:
    path = texts(folder, "id,question", f'1,"{TRANSLATE}\nand\nmore, please"', "2,", name="texts.csv")
    ended = costsim("tasks", "classify", path, "--format", "csv", "--quiet")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [(row["id"], row["task"]) for row in rows] == [("1", "translation"), ("2", "")]
    assert ended.err == ""


def test_plain_text_and_packed_files_are_read_a_text_a_line(costsim: Costsim, folder: Path) -> None:
    packed = folder / "texts.txt.gz"
    packed.write_bytes(gzip.compress(f"{TRANSLATE}\nWhat is 3 + 4?".encode()))
    ended = costsim("tasks", "classify", packed)
    assert [json.loads(line)["task"] for line in ended.out.splitlines()] == ["translation", "math"]


def test_standard_input_goes_to_a_file_that_is_whole(
    costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{TRANSLATE}\n".encode() * 12_000)))
    ended = costsim("tasks", "classify", "-", "--out", "out.jsonl")
    assert (ended.out, ended.err) == ("", "")
    assert len((folder / "out.jsonl").read_text().splitlines()) == 12_000
    assert [path.name for path in folder.iterdir()] == ["out.jsonl"]


def test_the_users_file_adds_a_type_and_says_how_sure_is_sure(costsim: Costsim, folder: Path) -> None:
    mine = folder / "mine.yaml"
    mine.write_text("types: {release_notes: {means: What is new, says: changelog}}\nunknown_below: 0.9\n")
    path = texts(folder, "A changelog of version 2, please", "The box was open.", name="texts.txt")
    ended = costsim("tasks", "classify", path, "--tasks", mine)
    assert [json.loads(line)["task"] for line in ended.out.splitlines()] == ["release_notes", "unknown"]
    ended = costsim("tasks", "list", "--tasks", mine)
    assert "release_notes" in ended.out.splitlines()[-1]
    assert "What is new (yours)" in ended.out.splitlines()[-1]


def test_the_list_has_every_type_with_examples(costsim: Costsim) -> None:
    types = json.loads(costsim("tasks", "list", "--format", "json").out)
    assert len(types) == 14
    assert all(one["means"] and len(one["examples"]) >= 3 for one in types)
    assert f"classification{' ' * 6}Choosing one or more" in costsim("tasks", "list").out


LABELLED = [
    json.dumps({"prompt": TRANSLATE, "label": "translation"}),
    json.dumps({"prompt": "Translate to French: bread", "label": "rewriting"}),
    json.dumps({"prompt": "What is 3 + 4?", "label": "maths"}),
]


def test_guesses_are_measured_against_labels_and_an_unknown_label_is_told(costsim: Costsim, folder: Path) -> None:
    path = texts(folder, *LABELLED)
    ended = costsim("tasks", "evaluate", path, "--format", "json")
    found = json.loads(ended.out)
    assert (found["rows"], found["accuracy"], found["accuracy_at_80_pct_coverage"]) == (2, 0.5, 0.5)
    assert found["confusion"] == {"rewriting": {"translation": 1}, "translation": {"translation": 1}}
    assert f"{path}:3: unknown label 'maths' (did you mean 'math'?)" in ended.said
    shown = costsim("tasks", "evaluate", path).out
    assert "accuracy                   0.500  of 2 texts, 0 of them unknown" in shown
    assert "translation     1       0.50    1.00  0.67" in shown
    assert "0.9 to 1.0     2  1.00   0.50" in shown


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("classify", "none.jsonl"), 4, "none.jsonl: no such file"),
        (("classify", "."), 4, ".: is a folder (name a file of texts)"),
        (("classify", "empty.txt"), 3, "empty.txt: no text in 0 lines"),
        (("evaluate", "blank.csv"), 3, "blank.csv:2: 'prompt' is empty"),
        (
            ("classify", "packed.bin"),
            4,
            "packed.bin: is no text (a text a line is wanted: JSON Lines, CSV or plain text",
        ),
        (("classify", "array.json"), 4, "array.json: is one JSON array (a text a line is wanted:"),
        (("classify", "texts.jsonl", "--format", "xml"), 2, "--format: unknown format 'xml' (known: csv, jsonl)"),
        (("classify", "texts.jsonl", "--unknown-below", "3"), 2, "--unknown-below: 3 is no confidence (from 0 to 1)"),
        (("classify", "texts.jsonl", "--out", "texts.jsonl"), 2, "--out texts.jsonl: is one of the logs"),
        (("evaluate", "texts.jsonl"), 3, "texts.jsonl:1: has no label in 'label'"),
        (("list", "--tasks", "none.yaml"), 2, "none.yaml: cannot be read:"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_its_exit_code(
    costsim: Costsim, folder: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    texts(folder, LINES[0])
    (folder / "empty.txt").touch()
    texts(folder, "prompt,label", ",chat", name="blank.csv")
    (folder / "packed.bin").write_bytes(b"\x7fELF\x02\x01\x01\x00")
    texts(folder, "[", LINES[0], "]", name="array.json")
    ended = costsim("tasks", *words)
    assert ended.code == code
    assert ended.said[0].startswith(said)
    assert ended.out == ""
