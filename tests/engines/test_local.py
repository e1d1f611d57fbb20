"""The processes of this machine: in order, as needed, and gone when whoever asked has left."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from costsim.engines import ENGINES, local
from costsim.errors import CostsimError, LogError


def square(number: int) -> int:
    return number * number


def pid(_: int) -> int:
    return os.getpid()


def slow_for_even(number: int) -> int:
    time.sleep(0.02 if number % 2 == 0 else 0)
    return number


def fail_at_three(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def fail_as_we_do(_: int) -> int:
    raise LogError("is spoilt", where="a.jsonl", hint="mend it")


def sleep_long(_: int) -> int:
    time.sleep(60)
    return 0


def die(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    assert list(local.map(slow_for_even, range(20), workers)) == list(range(20))


@pytest.mark.parametrize("workers", [1, 2])
def test_no_items_give_no_results(workers: int) -> None:
    assert list(local.map(square, [], workers)) == []


def test_one_worker_makes_no_process() -> None:
    assert set(local.map(pid, range(3), 1)) == {os.getpid()}


def test_several_workers_are_other_processes() -> None:
    assert os.getpid() not in set(local.map(pid, range(6), 2))


@pytest.mark.parametrize(("workers", "most"), [(1, 1), (2, 5)])
def test_items_are_drawn_only_as_they_are_needed(workers: int, most: int) -> None:
    drawn = 0

    def items() -> Iterator[int]:
        nonlocal drawn
        for number in range(1000):
            drawn += 1
            yield number

    with closing(local.map(square, items(), workers)) as results:
        assert next(results) == 0
        assert drawn <= most


@pytest.mark.parametrize("workers", [1, 2])
def test_an_exception_of_the_function_comes_out_where_its_result_would(workers: int) -> None:
    results = local.map(fail_at_three, range(9), workers)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)
    assert multiprocessing.active_children() == []


def test_an_error_in_one_line_is_the_same_line_from_another_process() -> None:
    with pytest.raises(LogError) as problem:
        list(local.map(fail_as_we_do, range(3), 2))
    assert str(problem.value) == "a.jsonl: is spoilt (mend it)"
    assert (problem.value.where, problem.value.hint, problem.value.exit_code) == ("a.jsonl", "mend it", 4)


def test_whoever_leaves_early_does_not_wait_for_work_in_hand() -> None:
    began = time.monotonic()
    results = local.map(_first_quick(sleep_long), range(9), 2)
    assert next(results) == 0
    results.close()
    assert time.monotonic() - began < 5
    assert multiprocessing.active_children() == []


def _first_quick(function: Callable[[int], int]) -> Callable[[int], int]:
    return lambda number: number if number == 0 else function(number)


def test_processes_of_others_are_left_alone() -> None:
    other = multiprocessing.get_context("fork").Process(target=sleep_long, args=(0,))
    other.start()
    try:
        results = local.map(square, range(100), 2)
        next(results)
        results.close()
        assert multiprocessing.active_children() == [other]
    finally:
        other.terminate()
        other.join()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupt_while_processes_start_waits_until_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of some library takes the signal, whatever this thread blocks."""
    submit = ProcessPoolExecutor.submit
    known: list[Future[Any]] = []

    def interrupted(executor: ProcessPoolExecutor, *arguments: Any) -> Future[Any]:
        thread = threading.Thread(target=lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT))
        inherited = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        thread.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, inherited)
        thread.join()
        known.append(submit(executor, *arguments))
        return known[-1]

    monkeypatch.setattr(ProcessPoolExecutor, "submit", interrupted)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        list(local.map(square, range(9), 2))
    assert len(known) == 1
    assert multiprocessing.active_children() == []
    assert signal.getsignal(signal.SIGINT) is before


def test_a_worker_that_is_killed_is_told_in_one_line() -> None:
    with pytest.raises(CostsimError, match=r"a worker process was killed \(out of memory\?"):
        list(local.map(die, range(3), 2))


def test_the_engine_of_this_machine_is_called_local() -> None:
    assert list(ENGINES["local"].map(square, [1, 2], 1)) == [1, 4]
    assert local.cores() >= 1


def test_workers_that_begin_anew_are_handed_what_they_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "forks", lambda: False)
    assert list(local.map(square, range(4), workers=2)) == [0, 1, 4, 9]


def test_workers_that_begin_anew_are_worth_it_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "cores", lambda: 4)
    monkeypatch.setattr(local, "forks", lambda: True)
    assert [local.worth(amount, few=10) for amount in (10, 11)] == [1, 4]
    monkeypatch.setattr(local, "forks", lambda: False)
    assert [local.worth(amount, few=10) for amount in (11, 160, 161)] == [1, 1, 4]
