# `make demo` plans a peak Monday, `make test` checks the code; both set up .venv/ the first time.
.PHONY: help setup web demo test test-all lint docs clean

help:
	@echo "make demo      one peak Monday of the built-in network into demo/, under an open tower"
	@echo "make test      the tests that guard every change"
	@echo "make test-all  the same and the longer rounds"
	@echo "make web       the pages of the server, where their sources changed"
	@echo "make lint      style, types, architecture, and the same of the pages"
	@echo "make docs      the documentation site, in site/"
	@echo "make clean     remove what these made, .venv/ too"

setup:
	@scripts/setup.sh

web: setup
	@.venv/bin/python scripts/build_web.py

demo: web
	@.venv/bin/crossdock demo --out demo

test: web
	.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

test-all: web
	.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "slow or not slow"

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright
	.venv/bin/lint-imports
	.venv/bin/python scripts/build_web.py --check

docs: setup
	.venv/bin/python scripts/build_docs.py
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --quiet --strict

clean:
	rm -rf web/node_modules src/crossdock/platform/server/pages/static
	rm -rf .venv demo site dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
