PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup demo test check fmt bench vectors clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv with everything in it

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: setup ## the whole story: game, bridge, recording, three engines, check, page
	$(BIN)/stylebridge demo --out out/demo --force

test: setup ## run the tests
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

check: setup ## lint, types, layers, generated files, versions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/check_versions.py
	$(BIN)/python tools/make_contract_vectors.py --check
	$(BIN)/python tools/make_wire_layout.py --check
	$(BIN)/python tools/make_wire_vectors.py --check
	$(BIN)/python tools/make_unity_metas.py --check
	$(BIN)/python tools/make_evidence.py --check
	$(BIN)/python tools/make_operator_docs.py --check

fmt: setup ## format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: setup ## measure speed; one JSON line per figure
	for script in tools/bench_*.py; do $(BIN)/python $$script || exit 1; done

vectors: setup ## write the generated files and shared test vectors again
	$(BIN)/python tools/make_contract_vectors.py
	$(BIN)/python tools/make_wire_layout.py
	$(BIN)/python tools/make_wire_vectors.py
	$(BIN)/python tools/make_unity_metas.py
	$(BIN)/python tools/make_evidence.py
	$(BIN)/python tools/make_operator_docs.py

clean: ## remove what the commands above made, but not .venv
	rm -rf out .mypy_cache .ruff_cache .pytest_cache .hypothesis
