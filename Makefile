# Everything a developer runs. `make setup` needs python3 >= 3.11 with venv, and make; the rest comes from uv.lock.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup browser run test check bench ci reset

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
BROWSERS := chromium chromium-browser google-chrome

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: .venv/.synced ## the virtual environment with everything in it (the others call it)

.venv/.synced: pyproject.toml uv.lock | $(BIN)/uv
	@echo "Installing what uv.lock names..."
	@UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --frozen --all-groups --compile-bytecode --quiet
	@touch $@

$(BIN)/uv:
	@[[ -n "$(PYTHON)" ]] || { echo "Kairan needs Python 3.11 or newer as python3 (found: $$(python3 --version 2>&1 || true))."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: apt install python3-venv"; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

browser: # a Chromium for the browser tests
	@for name in $(BROWSERS); do command -v $$name >/dev/null && exit 0; done; \
	if [[ $$(id -u) = 0 ]] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium and Japanese fonts..."; \
		apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; \
	else \
		echo "The browser tests need Chromium and a Japanese font: sudo apt install chromium fonts-noto-cjk"; exit 1; \
	fi

run: setup ## Kairan with demonstration data at http://kairan.localhost:8000/ (PORT=...), until Ctrl-C
	@$(BIN)/python -m infra.dev run

test: setup browser ## every test, on two processes with servers of their own; ARGS="-k name" chooses, on one
	@$(BIN)/python -m pytest $(or $(ARGS),--numprocesses 2 --dist loadfile)

check: setup ## style, types, imports, migrations
	@$(BIN)/python -m infra.dev.check

bench: setup ## Kairan beside stock django-tenants and the floor, as ratios; FLEET=1000 for that many associations
	@$(BIN)/python -m tests.bench $(if $(FLEET),--fleet $(FLEET)) $(ARGS)

ci: check test ## what has to pass before a change goes in

reset: setup ## remove the development data (asks first)
	@$(BIN)/python -m infra.dev reset
