# Everything a person needs: `make demo`, `make test`. Only Python 3.11+ and make are taken for granted.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench format samples clean

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("costsim needs Python 3.11 or newer (make PYTHON=python3.12 ...)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	$(BIN)/python -c "from costsim import prices; prices.load()"  # compiled once, so that the first run is as fast as the next
	touch $@

demo: $(VENV)/.ready            ## audit the sample logs
	$(BIN)/costsim audit sample_logs/*.jsonl.gz

test: $(VENV)/.ready            ## run the tests
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(VENV)/.ready           ## what CI runs: format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

format: $(VENV)/.ready          ## let ruff put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The engines that pricing is measured against, apart from costsim: their dependencies are not ours.
benchmarks/.peers/.ready: pyproject.toml
	$(PYTHON) -m venv benchmarks/.peers
	benchmarks/.peers/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	benchmarks/.peers/bin/python -m pip install --quiet --disable-pip-version-check --group bench \
		|| echo "the peers cannot be installed here; they will not be measured"
	touch $@

bench: $(VENV)/.ready benchmarks/.peers/.ready  ## speed and memory, as ratios against named yardsticks
	$(BIN)/python -m benchmarks.run

samples: $(VENV)/.ready         ## write the sample logs anew, from their seeds
	$(BIN)/python -m sample_logs.generate

clean:
	rm -rf $(VENV) benchmarks/.peers .costsim .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
