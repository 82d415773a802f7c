# Needs Python >= 3.11 with venv, and make; everything else lands in .venv from constraints.txt.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
ONLY ?= tests
DEMO := demo

.DEFAULT_GOAL := help
.PHONY: help demo test test-night quick lint fix docs docs-check smoke bench bench-full number clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Tenure needs Python 3.11 or newer, and none was found. Install it, or name it: make PYTHON=/path/to/python"; exit 2; }
	@echo "Setting up .venv with $(PYTHON): about 900 MB of packages, once."
	@$(PYTHON) -m venv .venv
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --progress-bar off --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: .venv/ready ## a simulated company in the browser, on http://localhost:8000
	@rm -rf $(DEMO)
	@$(BIN)/tenure simulate $(DEMO)/exports --accounts 240 --months 30 --seed 7 --end today
	@$(BIN)/tenure init $(DEMO)/workspace --title "Demo company" --gross-margin 0.8
	@printf '\n[people]\nfigures = "on"\ntime = true\n' >> $(DEMO)/workspace/tenure.toml
	@$(BIN)/tenure import $(DEMO)/exports --workspace $(DEMO)/workspace
	@$(BIN)/tenure refresh --workspace $(DEMO)/workspace
	@$(BIN)/tenure flags raise --workspace $(DEMO)/workspace
	@$(BIN)/tenure person demo --workspace $(DEMO)/workspace
	@$(BIN)/tenure overview --workspace $(DEMO)/workspace
	@$(BIN)/tenure serve --demo --workspace $(DEMO)/workspace

test: .venv/ready lint ## every default test, under 10 minutes on 2 cores
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not night" $(ONLY)

test-night: .venv/ready ## the long proofs; adds Spark to .venv, once
	@test -f .venv/spark || { echo "Adding Spark for its proofs: about 700 MB of packages, once." \
	  && PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --progress-bar off --quiet --constraint constraints.txt --editable '.[dev,spark]' \
	  && touch .venv/spark; } || echo "Spark cannot be installed here: its proofs are skipped."
	@TENURE_NIGHT=1 $(BIN)/python -m pytest -n 2 --dist worksteal $(ONLY)

quick: .venv/ready ## kernel to metrics, without crash sweeps
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not night" tests/kernel tests/facts tests/metrics tests/laws tests/counting_company

lint: .venv/ready ## style, types, layers, spelling
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/codespell src tests docs README.md CHANGELOG.md Makefile

fix: .venv/ready ## repair what can be repaired
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: .venv/ready ## write the look-up pages from the declarations
	@$(BIN)/python docs/generate.py

docs-check: .venv/ready ## fail where a look-up page differs from its declaration
	@$(BIN)/python -m pytest -q tests/promises

smoke: .venv/ready ## the wheel alone computes a metric
	@$(BIN)/python -m pytest -q tests/promises/test_bare_install.py --run-smoke

bench: .venv/ready ## benchmarks, as tables
	@for program in run import_at_size all_metrics history refresh reads against growth; do $(BIN)/python benchmarks/$$program.py || exit 1; done

bench-full: .venv/ready ## usage numbers to 50 million events, hours; KEEP=folder keeps the companies
	@for program in against growth; do $(BIN)/python benchmarks/$$program.py --full $(if $(KEEP),--folder $(KEEP)) || exit 1; done

number: .venv/ready ## a metric on the counting company: make number NAME=grr
	@$(BIN)/python tests/counting_company/number.py $(NAME)

clean: ## remove what make made
	@rm -rf .venv $(DEMO) dist build
