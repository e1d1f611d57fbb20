"""Distinct prompts, and what classifying them takes: `python benchmarks/programs/task_speed.py costsim 100000 7`.

`costsim` times the batch classifier, `re` a keyword classifier that is one alternation of Python's `re` over the same
prompts, and `quality` leaves each source of labelled prompts out in turn. Each prints JSON. Seconds are those of one
processor, so that other work on the machine does not count.
"""

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from costsim.tasks import Classifier, evaluate
from costsim.tasks.batches import BatchClassifier, Texts
from costsim.tasks.fact_columns import Shapes
from costsim.tasks.model import read_signals

AT_ONCE = 10_000
CHARACTERS = 1_000
SYSTEMS = ("", "You are a helpful assistant.", "Label the ticket. Answer with the label only.", "You review code.")
REQUESTS = (
    "Summarize the notes below for {name}.", "Translate the following text to German for {name}.",
    "What does {name} want? Answer from the text.", "Extract the order number and the date.",
    "Write a polite reply to {name}.", "Fix the bug that {name} found.", "Is the text below a complaint or a question?",
    "How much did {name} pay in total?",
)  # fmt: skip


def prompts(count: int, seed: int) -> list[str]:
    """Return so many distinct prompts of about 1,000 characters: a request, and material of ordinary words."""
    random = Random(seed)
    vocabulary = ["".join(random.choices("aeioustrnlmdcpbgfhkw", k=random.randint(2, 11))) for _ in range(5_000)]
    vocabulary += ["the", "to", "of", "and", "in", "a", "for", "on", "is", "we", "order", "please", "customer"] * 100
    return [_prompt(random, vocabulary, number) for number in range(count)]


def _prompt(random: Random, vocabulary: list[str], number: int) -> str:
    words = random.choices(vocabulary, k=CHARACTERS // 7)
    for place in range(9, len(words), 14):
        words[place] += "."
    asked = random.choice(REQUESTS).format(name=random.choice(vocabulary).title())
    material = f"Case {number}: {' '.join(words)}"
    return f"{asked}\n\n{material}" if random.random() < 0.8 else f"{material}\n\n{asked}"


def costsim(count: int, seed: int) -> dict[str, float]:
    """Classify the prompts in batches; the model is loaded before the clock starts."""
    texts, batches = prompts(count, seed), BatchClassifier(Classifier(), many=True)
    _classify(batches, texts[:100])
    began = time.process_time()
    for start in range(0, count, AT_ONCE):
        _classify(batches, texts[start : start + AT_ONCE])
    return {"seconds": time.process_time() - began, "characters": sum(map(len, texts)) / count}


def _classify(batches: BatchClassifier, written: list[str]) -> None:
    texts, calls = Texts(), len(written)
    keys = [number % len(SYSTEMS) for number in range(calls)]
    for key in set(keys):
        if not batches.knows(key):
            batches.learn(key, SYSTEMS[key])
    batches.add(texts, keys, written, [None] * calls, [None] * calls, [None] * calls, ["chat"] * calls)
    none, no = np.full(len(written), -1, np.int64), np.zeros(len(written), dtype=bool)
    batches.guess(texts, Shapes(np.ones(len(written), np.int64), no, no, no, none, none, none))


def keywords(count: int, seed: int) -> dict[str, float]:
    """Find every word of the signals by one alternation, and take the task that most of them speak for."""
    texts, tasks = prompts(count, seed), _tasks_of_words()
    pattern = re.compile(
        r"\b(?:" + "|".join(map(re.escape, sorted(tasks, key=len, reverse=True))) + r")\b", re.IGNORECASE
    )
    began = time.process_time()
    for text in texts:
        Counter(tasks[word.lower()] for word in pattern.findall(text)).most_common(1)
    return {"seconds": time.process_time() - began, "characters": sum(map(len, texts)) / count}


def _tasks_of_words() -> dict[str, str]:
    """The English words of the shipped signals, each with the task that they speak for most."""
    rows = [row for row in read_signals().signals.values() if row.points]
    entries = chain.from_iterable(((words, row) for words, _, _ in row.entries(0)) for row in rows)
    return {
        words: max(row.points, key=lambda task: row.points[task])
        for words, row in entries
        if words.isascii() and words.replace(" ", "").isalpha()
    }


def quality(labels: str) -> dict[str, float]:
    """Guess each source's prompts by weights that have not seen it."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from scripts.evaluate_tasks import guesses_left_out
    from scripts.fit_tasks import read_rows

    rows = read_rows(Path(labels))
    found = evaluate(zip((row.label for row in rows), guesses_left_out(rows), strict=True))
    return {
        "rows": found.rows,
        "macro_f1": found.macro_f1,
        "accuracy": found.accuracy,
        "accuracy_at_80": found.accuracy_at(0.8),
        "calibration_error": found.calibration_error,
    }


MODES: dict[str, Callable[..., dict[str, Any]]] = {
    "costsim": lambda count, seed: costsim(int(count), int(seed)),
    "re": lambda count, seed: keywords(int(count), int(seed)),
    "quality": quality,
}

if __name__ == "__main__":
    print(json.dumps(MODES[sys.argv[1]](*sys.argv[2:])))
