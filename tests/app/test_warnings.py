"""What a user is told although the run went on."""

from costsim.app import warnings
from costsim.ingest.kept.store import Manifest, SourceCounts


def test_logs_without_fault_are_not_spoken_of() -> None:
    assert warnings.of(Manifest(1, [SourceCounts("a.jsonl", "openai-chat", lines=10, calls=6, not_calls=4)])) == []


def test_a_damaged_file_is_named_with_the_calls_that_count() -> None:
    source = SourceCounts("a.gz", "openai-chat", lines=1_000, calls=1_000, damage="cut off after 1.2 GB")
    assert warnings.of(Manifest(1, [source])) == ["a.gz: cut off after 1.2 GB; 1,000 calls before that are counted"]


def test_a_file_of_which_most_is_not_understood_is_named() -> None:
    sources = [
        SourceCounts("a", "x", lines=3, calls=1, rejected=1, not_calls=1),
        SourceCounts("b", "x", lines=2, calls=1),
    ]
    assert warnings.of(Manifest(1, sources)) == ["a: 2 of 3 lines are no calls in a format that is known here"]


def test_of_many_skipped_files_the_first_are_named_and_the_others_counted() -> None:
    said = warnings.of(Manifest(1, skipped=[f"{number}.txt: no known log format" for number in range(1_500)]))
    assert said == [
        *(f"skipped {number}.txt: no known log format" for number in range(3)),
        "skipped 1,497 more files that are no logs",
    ]


def test_an_encoding_that_could_not_be_fetched_is_named() -> None:
    (said,) = warnings.of(Manifest(1, unfetched=["o200k_base"]))
    assert "o200k_base could not be fetched" in said
