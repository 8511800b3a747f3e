.PHONY: help setup test test-all lint clean

help:
	@echo "make test      the tests that guard every change"
	@echo "make test-all  the same and the longer rounds"
	@echo "make lint      style, types, architecture"
	@echo "make clean     remove what these made, .venv/ too"

setup:
	@scripts/setup.sh

test: setup
	.venv/bin/pytest -n 2

test-all: setup
	.venv/bin/pytest -n 2 -m "slow or not slow"

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright
	.venv/bin/lint-imports

clean:
	rm -rf .venv demo site dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
