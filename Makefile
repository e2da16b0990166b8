# Every target makes what it needs in .venv; nothing outside this folder is touched.
# `make run` installs only what runs, `make test` the tools as well; a stamp file in .venv remembers which lock is installed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV    := .venv
BIN     := $(VENV)/bin
# --no-compile: modules are compiled when first used, which halves the time to the first page.
PIP     := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --no-compile --require-hashes --no-deps --requirement

STATE       ?= build/run
ARGS        ?=
PYTEST_ARGS ?=
HIL_ARGS    ?=
# More than the cores of a small machine, because some tests wait much; which ones share a process is said in tests/scheduling.py.
PARALLEL    ?= -n 3
HIL_PARALLEL ?= -n 2
HIL_TARGET  ?= linux
HIL          = $(BIN)/python -m pytest hil_tests $(HIL_PARALLEL) --dist worksteal --target $(HIL_TARGET) --out build/hil \
    --junit-xml build/hil/junit.xml --date "$$(date -u +%Y-%m-%dT%H:%MZ)"

.PHONY: help run demo test lint format gen gen-check bench soak hil lock dev clean distclean

help: ## Show this list
	@echo "Assuage: make <target>"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14 | sed 's/^/  /'
	@echo 'Options: make run ARGS="--port 0"    make test PYTEST_ARGS="-k wire"    PYTHON=/path/to/python3'

run: $(VENV)/.runtime ## Emulated board, broker, daemon and monitor; prints the page's address (Ctrl-C ends all)
	@$(BIN)/assuage demo --state-dir $(STATE) $(ARGS)

demo: run # the same by its other name

test: $(VENV)/.dev ## All tests, in three processes; PYTEST_ARGS="-k name" narrows them
	@$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

lint: $(VENV)/.dev typings/.installed ## ruff, mypy (host, wire, rig) and pyright (firmware)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pyright --project pyrightconfig.json

format: $(VENV)/.dev ## Let ruff lay out the code and sort the imports
	@$(BIN)/ruff check --quiet --select I --fix . && $(BIN)/ruff format .

gen: $(VENV)/.dev ## Write everything that is generated: from the wire's table, the firmware's, the requirements
	@$(BIN)/python protocol/gen.py

gen-check: $(VENV)/.dev ## Fail when a generated file is stale
	@$(BIN)/python protocol/gen.py --check

bench: $(VENV)/.dev ## Measure, print a table, write build/bench.json
	@$(BIN)/python -m tests.bench

soak: $(VENV)/.dev ## The same tests and those of the bench with bigger numbers and a fresh seed (printed)
	@export ASSUAGE_SOAK=1; tests=0; \
	$(BIN)/python -m pytest -o timeout=3600 $(PARALLEL) $(PYTEST_ARGS) || tests=$$?; \
	$(HIL) -o timeout=3600 $(HIL_ARGS) && exit $$tests

hil: $(VENV)/.dev ## The bench's promises on emulated boards; report in build/hil (HIL_TARGET=name: a row of bench.toml)
	@$(HIL) $(PYTEST_ARGS)

lock: $(VENV)/.dev ## Resolve pyproject.toml anew into the lock files (LOCK_ARGS=--upgrade for newer versions)
	@compile() { $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate $(LOCK_ARGS) "$$@"; }; \
	compile --group build pyproject.toml --output-file requirements.lock; \
	compile --group build --extra dev --constraints requirements.lock pyproject.toml --output-file requirements-dev.lock; \
	compile --group typings --output-file requirements-typings.lock

dev: $(VENV)/.dev typings/.installed ## Prepare .venv and typings/ for working, and the commit hooks
	@$(BIN)/pre-commit install

# A folder with a lock is the state of an Assuage, build/run that of `make run`: records that somebody may want.
clean: ## Remove what testing left behind (build/ without the state of `make run`, caches)
	@for path in build/*; do if [ ! -e "$$path/lock" ]; then rm -rf "$$path"; fi; done
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: .not-running clean ## The same, and build/run with its records, .venv and typings/
	@rm -rf build $(VENV) typings

.PHONY: .not-running
.not-running:
	@shopt -s nullglob; for lock in build/*/lock; do \
	    python=$$(command -v $(BIN)/python $(PYTHON) python3 | head -n 1); \
	    if ! "$$python" -c 'import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)' "$$lock" 2>/dev/null; then \
	        echo "Assuage runs in $${lock%/lock}: end it with Ctrl-C first. Nothing was removed." >&2; exit 1; \
	    fi; \
	done

# -- the environment -----------------------------------------------------------------------------------------------
# The venv is looked for by its python, so that a half-made one is made again.
$(VENV)/bin/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	    echo "Assuage needs Python 3.11 or newer; python3 here is $$(python3 --version 2>&1 || true). Install one and name it: make run PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$found cannot make virtual environments: install its venv package (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; \
	fi; \
	echo "making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo 'installing what runs (requirements.lock)'
	@$(INSTALL) requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo 'installing the tools (requirements-dev.lock)'
	@$(INSTALL) requirements-dev.lock
	@touch $@

# The board's stubs shadow the standard library, so they never enter the venv.
typings/.installed: requirements-typings.lock | $(VENV)/bin/python
	@rm -rf typings
	@$(INSTALL) requirements-typings.lock --target typings
	@touch $@
