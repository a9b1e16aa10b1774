# Everything one does with incident. `make` alone explains itself. Written for GNU make 3.81 and later.
#   PYTHON=python3.12   the interpreter to build the environment with (default: the first found that is 3.11 or later)
#   ARGS="tests/core"   what to hand on to pytest, the program or the benchmarks

PYTHON =
ARGS =
WORKERS = auto
BIN = .venv/bin
VENDOR = incident/web/static/vendor
PAGES = $(shell find incident/web/templates incident/web/static/css incident/web/static/js -type f)
CATALOGUES = $(wildcard incident/translations/*/LC_MESSAGES/messages.po)

.DEFAULT_GOAL = help
.PHONY: help setup run test check format words screenshots bench bench-full fuzz call-path audit lock clean \
        setup-develop browser ssh-server reverse-proxy pgbouncer check-format check-lint check-types check-imports check-words

help: ## show this list
	@echo "incident: takes alerts and reports in, runs playbooks, notifies departments, records all in a journal"
	@echo
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  Start with 'make run', then open http://127.0.0.1:8000. Data lies in var/ (INCIDENT_HOME)."

setup: .venv/.run $(VENDOR)/LICENSES.txt $(CATALOGUES:.po=.mo) .venv/.templates ## make the environment in .venv, so that .venv/bin/incident exists

run: setup ## set up if needed, then open the demonstration on http://127.0.0.1:8000
	@exec $(BIN)/incident serve --demo $(ARGS)

test: setup setup-develop browser ssh-server reverse-proxy pgbouncer ## set up if needed, then run every test (ARGS="tests/core -x" for a part)
	@$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

check: check-format check-lint check-types check-imports check-words ## format, lint, types, import contracts, catalogues (make -k check: all of them)

format: setup-develop ## put the code into shape and mend what can be mended safely
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

words: setup-develop ## bring the catalogues up to date with the sources
	@$(BIN)/python -m tools.catalogue update && $(BIN)/python -m tools.catalogue check

screenshots: setup setup-develop browser ## make the pictures of README and docs (docs/pictures)
	@$(BIN)/python -m tests.browser.screenshots

bench: setup setup-develop ## measure speed and size (a table; some minutes)
	@$(BIN)/python -m tests.bench $(ARGS)

bench-full: setup setup-develop ## the same with 1,000,000 incidents
	@$(BIN)/python -m tests.bench --full $(ARGS)

fuzz: setup setup-develop ## call the API with generated requests for half an hour (ARGS="--minutes 5 --seed 1 --role reader")
	@$(BIN)/python -m tests.fuzz $(ARGS)

call-path: setup-develop ## print the functions that a reader follows through the acknowledgement of a notice
	@$(BIN)/python -m tools.call_path

audit: setup-develop ## ask for known holes in the locked packages (needs the network; fails when one could not be asked for)
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements/run.txt

lock: setup-develop ## resolve the dependencies and write the lock files (needs uv and npm)
	@$(BIN)/python -m tools.lock $(ARGS)

clean: ## remove what set-up and tests made; the data in var/ stays
	@rm -rf .venv node_modules $(VENDOR) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis
	@find incident -name '*.mo' -exec rm -f {} +
	@find incident tests tools migrations -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# ---------------------------------------------------------------------------------------------------- parts of `check`
check-format: setup-develop
	@$(BIN)/ruff format --check --quiet . || { echo "Not in shape: make format"; $(BIN)/ruff format --check .; }

check-lint: setup-develop
	@$(BIN)/ruff check .

check-types: setup-develop
	@$(BIN)/mypy

check-imports: setup-develop
	@$(BIN)/lint-imports --no-logo

check-words: setup-develop
	@$(BIN)/python -m tools.catalogue check

# ---------------------------------------------------------------------------------- set-up: each step leaves a stamp
setup-develop: .venv/.develop

.venv/bin/python:
	@sh tools/environment.sh create "$(PYTHON)"

.venv/.run: requirements/run.txt pyproject.toml tools/hatch_build.py | .venv/bin/python
	@sh tools/environment.sh install requirements/run.txt
	@sh tools/environment.sh editable
	@touch $@

.venv/.develop: requirements/develop.txt .venv/.run
	@sh tools/environment.sh install requirements/develop.txt
	@touch $@

node_modules/.package-lock.json: package-lock.json | .venv/.run
	@sh tools/environment.sh node
	@$(BIN)/python -m tools.vendor fetch
	@touch $@

$(VENDOR)/LICENSES.txt: node_modules/.package-lock.json tools/icons.txt tools/vendor.py tools/app_icon.py tools/front_end.cjs $(PAGES)
	@$(BIN)/python -m tools.vendor copy

%.mo: %.po | .venv/.run
	@$(BIN)/python -m tools.catalogue compile

.venv/.templates: $(PAGES) incident/web/compiled_templates.py | .venv/.run
	@$(BIN)/python -m tools.templates
	@touch $@

browser:
	@sh tools/environment.sh browser

ssh-server:
	@sh tools/environment.sh ssh_server

reverse-proxy:
	@sh tools/environment.sh reverse_proxy

pgbouncer:
	@sh tools/environment.sh connection_pooler
