"""Every end on purpose is one line, `where: what (hint)`, with its exit code; also from another process."""

import pickle

import pytest

from costsim import errors
from costsim.errors import ConfigError, CostsimError, EvidenceError, LogError, UsageError, nearest


@pytest.mark.parametrize(
    ("kind", "code"), [(UsageError, 2), (ConfigError, 2), (EvidenceError, 3), (LogError, 4), (CostsimError, 70)]
)
def test_every_kind_of_end_has_the_exit_code_of_the_contract(kind: type[CostsimError], code: int) -> None:
    assert kind("what").exit_code == code


def test_nothing_but_a_failed_check_ends_with_1() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, CostsimError)]
    assert 1 not in [kind.exit_code for kind in kinds]


@pytest.mark.parametrize(
    ("where", "hint", "said"),
    [("", "", "what"), ("a:1", "", "a:1: what"), ("", "do", "what (do)"), ("a:1", "do", "a:1: what (do)")],
)
def test_an_end_says_where_what_and_a_hint(where: str, hint: str, said: str) -> None:
    problem = LogError("what", where=where, hint=hint)
    assert str(problem) == said
    copy = pickle.loads(pickle.dumps(problem))
    assert (type(copy), str(copy), copy.where, copy.what, copy.hint) == (LogError, said, where, "what", hint)


def test_the_nearest_word_is_named_and_otherwise_all() -> None:
    assert nearest("clasification", ["chat", "classification"]) == "did you mean 'classification'?"
    assert nearest("zzz", ["b", "a"]) == "known: a, b"
    assert nearest("zzz", [f"w{number:02d}" for number in range(20)]).endswith("w15, ...")
