# make check   the gate over the reference implementation: only the kit is installed
# make test    every test, linter and type check: all that they need is installed
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help check test test-kit test-system fitness fitness-servers lint report demo up clean

help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: $(VENV)/.kit ## the gate: is the reference implementation what quanta.yaml declares?
	$(BIN)/quantafit check

test: test-kit test-system lint ## all tests, with the kit's coverage, then lint

# Two workers; what runs servers or whole systems stays on one of them (tests/conftest.py).
SPREAD = --numprocesses 2 --dist loadgroup

# The kit's own tests must cover it, in each process that they start; to trace the systems that it examines would only
# be slow. Not `coverage run -m pytest`: this folder, which the measured processes write to, would be one of libraries.
test-kit: $(VENV)/.all
	$(BIN)/coverage erase
	$(BIN)/coverage run $(BIN)/pytest $(SPREAD) tests/kit
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-system: $(VENV)/.all
	$(BIN)/pytest $(SPREAD) --ignore=tests/kit --ignore=tests/twins/test_drill_twins.py
	$(BIN)/pytest tests/twins/test_drill_twins.py # without a neighbour: it measures latency
ifdef CI
	$(BIN)/pytest fitness --parts rabbitmq,postgresql
	$(BIN)/pytest fitness --parts rabbitmq,postgresql,replication
endif

fitness: $(VENV)/.all ## the architects' own checks, the running system on embedded parts
	$(BIN)/pytest fitness --parts embedded

fitness-servers: $(VENV)/.all ## the same on RabbitMQ and PostgreSQL, whose programs must be installed; it starts its own
	$(BIN)/pytest fitness --parts rabbitmq,postgresql
	$(BIN)/pytest fitness --parts rabbitmq,postgresql,replication

lint: $(VENV)/.all ## ruff, mypy and the import contracts of the kit's own layers
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

report: $(VENV)/.all ## write again what is generated: reports/, docs/rules.md, docs/quanta-yaml.md, README's example
	$(BIN)/python docs/generate.py

demo: $(VENV)/.all ## one customer's story through all six interactions
	$(BIN)/python -m sysops_squad demo

up: $(VENV)/.all ## the reference implementation, until Ctrl-C
	$(BIN)/python -m sysops_squad up

clean: ## remove the virtual environment and all caches
	rm -rf $(VENV) build dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# The stamps: a second run installs nothing unless pyproject.toml has changed.
$(VENV)/.kit: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.all: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $(VENV)/.kit $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
