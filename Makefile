# Every target does one thing; `make help` lists them. `make install` makes .venv from the locked requirements, whose hashes are checked.
PYTHON ?= python3
BIN := .venv/bin

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.venv/run: requirements/run.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is %d.%d" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/test: .venv/run requirements/test.txt
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

install: .venv/run ## Make .venv with the locked dependencies and the marrowline command

demo: install ## Play the demonstration trial into demo.db and serve it on http://127.0.0.1:8000
	$(BIN)/marrowline demo

serve: install ## Serve the installation that the settings name
	$(BIN)/marrowline serve

test: .venv/test lint types ## Every test on SQLite and PostgreSQL, and in a browser where there is a Chromium
	@test -n "$$MARROWLINE_CHROMIUM" -o -x /usr/bin/chromium || echo "NO CHROMIUM FOUND: the browser tests are skipped (MARROWLINE_CHROMIUM names another place)"
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/test ## Style and import contracts
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

types: .venv/test ## Types, strictly
	$(BIN)/mypy

format: .venv/test ## Spell the code as ruff does
	$(BIN)/ruff format backend labels migrations

messages: .venv/test ## Gather every text into the message catalogue
	$(BIN)/python -m backend.web.locale.gather

migration: .venv/test ## Draw up the next migration: make migration SAYS="Say what changes"
	PYTHONPATH=. $(BIN)/python migrations/new.py $(if $(AGAIN),--again) $(SAYS)

lock: ## Lock the newest versions that fit (needs uv)
	cd requirements && for one in run test; do uv pip compile --universal --generate-hashes --no-emit-index-url --no-header $$one.in -o $$one.txt; done

bench: .venv/test ## The benchmarks on SQLite and PostgreSQL, as ratios within one run
	$(BIN)/marrowline bench

coverage: .venv/test ## Branches of rules, acts and ledger that no test takes, on SQLite alone
	$(BIN)/coverage run -m pytest -q -n 0 -k "not postgresql" tests/access tests/api tests/batch tests/bedside tests/collection tests/custody tests/desk \
	  tests/dose tests/dossier tests/ledger tests/masking tests/quality tests/release tests/subject tests/supplies tests/testing tests/trial tests/test_cli.py
	$(BIN)/coverage report --show-missing --skip-covered --include='backend/*/rules*,backend/*/acts*,backend/ledger/*'

mutants: .venv/test ## Break every rule of the bedside and the dose, one thing at a time; its tests must notice
	$(BIN)/python -m tests.mutants

.PHONY: help install demo serve test lint types format messages migration lock bench mutants coverage
.DEFAULT_GOAL := help
