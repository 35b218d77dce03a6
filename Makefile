# Strata's commands for a checkout. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-unit test-migration test-migration-matrix lint format lock clean

# Each run of the engine starts Strata twice. Read from its sources every time, that is a second and a half of computing more.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
TYPED := $(wildcard strata components lab tools benchmarks)

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## everything that this machine lacks: Debian packages, .venv, the Pulumi engine (at once when done)
	@tools/setup/bootstrap.sh

demo: setup  ## the main job, shown: lab up, pulumi up, verify, drift; the lab stays up
	@tools/demo.sh

test: setup lint  ## every check and every test, the ones against the real lab included
	@tools/test.sh

test-unit: setup  ## the tests that need no lab
	@tools/test.sh -m "not acceptance" --numprocesses 2

test-migration: setup  ## images move on the lab's guest: two hundred, dying runs, refusals, MariaDB; a quarter of an hour
	@tools/test.sh -m "not migration_matrix" tests/acceptance/migration

test-migration-matrix: setup  ## a move of images dies in every phase in every way; an hour and a half, and not in `make test`
	@tools/test.sh -m migration_matrix tests/acceptance/migration

lint: setup  ## style, types and the direction of imports
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy $(TYPED)
	.venv/bin/lint-imports

format: setup  ## rewrites the sources in the style that lint asks for
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

lock: setup  ## resolves requirements.in anew, newest versions, with hashes
	@tools/setup/lock.sh

clean:  ## takes all labs down and removes what setup and the labs have made here
	@[ ! -x .venv/bin/strata ] || for lab in $(filter-out cache,$(notdir $(wildcard .lab/*))); do .venv/bin/strata lab --name "$$lab" down || exit 1; done
	rm -rf .venv .lab .cache .state
