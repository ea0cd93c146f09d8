# Plain `make` lists the targets. Nothing here needs more than bash, a Python 3.11-3.13 and make.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?=
WORKERS ?= 2
BIN := .venv/bin
VENV := .venv/.made
MODULES := web/node_modules/.made
PAGES := src/chengshu/app/static/index.html
WEB_SOURCES := $(shell find web/src web/public 2>/dev/null | sed 's/ /\\ /g') \
  web/index.html web/vite.config.ts web/tsconfig.json

.PHONY: help setup deps web demo test check fix bench soak prove bundle lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(VENV) ## make .venv with everything pinned; does nothing when nothing changed
	@:

$(VENV): requirements.lock pyproject.toml
	@scripts/setup.sh "$(PYTHON)"
	@touch $@

deps: ## install what tests need from Debian (chromium, Chinese fonts)
	@scripts/deps.sh

web: $(PAGES) ## build the front end
	@:

$(MODULES): web/package.json web/package-lock.json $(VENV)
	@scripts/node.sh ci
	@touch $@

$(PAGES): $(MODULES) $(WEB_SOURCES)
	@scripts/node.sh run build
	@touch $@

demo: $(PAGES) ## a living city on this machine, at http://127.0.0.1:8000
	@exec $(BIN)/chengshu demo

test: $(PAGES) deps ## all tests, those in the browser included
	@$(BIN)/pytest --no-header -n $(WORKERS) --dist worksteal -m "not soak" -ra $(ARGS)
	@scripts/node.sh test

check: $(MODULES) ## lint, types, layers, sizes; changes nothing
	@$(BIN)/python scripts/check.py $(ARGS)

fix: $(MODULES) ## what the tools can mend by themselves
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet
	@scripts/node.sh run fix
	@$(BIN)/python scripts/diagram.py --write

bench: $(PAGES) ## measure speed beside named peers
	@$(BIN)/chengshu bench intake $(ARGS)

soak: $(PAGES) ## the long tests: once in a while, never part of `make test`
	@$(BIN)/pytest --no-header -m soak -ra $(ARGS)

prove: $(MODULES) ## show that every tool of `make check` goes red when it must
	@$(BIN)/python -m scripts.prove_red $(ARGS)

bundle: $(PAGES) ## one archive that installs without a network
	@$(BIN)/python scripts/bundle.py $(ARGS)

lock: $(VENV) ## pin anew what pyproject.toml asks for
	@scripts/lock.sh

clean: ## remove what the build made, .venv included
	@rm -rf .venv web/node_modules src/chengshu/app/static dist build \
	  .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis
	@find src tests scripts -name __pycache__ -prune -exec rm -rf {} +
