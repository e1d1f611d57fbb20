"""Reads a log into a store with one worker and says what that took: `python benchmarks/programs/read_log.py LOG`."""

import json
import sys
import time

from costsim.ingest.collect import Options, collect
from costsim.tasks import Classifier


def main(log: str) -> None:
    classifier = Classifier()
    _ = classifier.model  # loaded once, whatever the size of the log
    wall, cpu = time.perf_counter(), time.process_time()
    with collect([log], None, classifier, Options(workers=1)) as store:
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        counts = {name: sum(getattr(each, name) for each in store.manifest.sources) for name in ("lines", "calls")}
        batches = store.batches(["turns"])  # known where the log holds the words of a prompt, and not only hashes
        counts["prompts"] = sum(len(batch) - batch.column("turns").null_count for batch in batches)
    print(json.dumps(took | counts))


if __name__ == "__main__":
    main(sys.argv[1])
