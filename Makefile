# Every target works on a fresh Debian with only git, make and Python 3.11 or newer: it first makes .venv from the locks.
# docs/adr/0001-toolchain.md says how and why.
.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-fast check bench css messages format lock clean
BIN := .venv/bin

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | awk -F'\t' '{ printf "  make %-11s %s\n", $$1, $$2 }'

demo: ## build the demo city once, then serve it at http://127.0.0.1:8000 (TONGXIN_PORT)
	@scripts/venv runtime
	@exec $(BIN)/tongxin demo

demo-reset: ## throw the demo city away and build it anew
	@scripts/venv runtime
	@exec $(BIN)/tongxin demo --reset

test: ## every test: SQLite, PostgreSQL and the browser
	@scripts/system-packages test
	@scripts/venv dev
	@scripts/test all

test-fast: ## the tests that need neither PostgreSQL nor a browser
	@scripts/venv dev
	@scripts/test fast

check: ## format, lint, types, layers, migrations, translations, style sheet
	@scripts/system-packages check
	@scripts/venv dev
	@scripts/check

bench: ## measure speed on both databases
	@scripts/system-packages test
	@scripts/venv dev
	@exec $(BIN)/python -m bench

css: ## compile the style sheet (needs npm)
	@scripts/system-packages check
	@scripts/css build

messages: ## gather the translatable texts from the sources and compile the catalogue
	@scripts/venv dev
	@$(BIN)/python scripts/messages update

format: ## let ruff format and mend
	@scripts/venv dev
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

lock: ## resolve requirements/*.in anew into the locks
	@scripts/venv dev
	@scripts/lock

clean: ## take away what the other targets made, except data
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis test-results
	rm -rf build dist src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
