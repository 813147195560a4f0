.DEFAULT_GOAL := help
.PHONY: help demo check run test lint lock clean
.SILENT:

export PATH := $(CURDIR)/.venv/bin:$(PATH)
PIP := python -m pip --disable-pip-version-check -qq

help:  ## what can be made
	sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 8

demo: .venv/ready  ## a conversation and its order, from webhook to a TikTok sandbox, on one page: nothing to set up
	python -m gateway demo --language en

check: .venv/ready  ## try the settings of the environment or .env, Redis and TikTok, and say what is wrong
	honcho run python -m gateway check

run: .venv/ready  ## web and sender of the Procfile, with the settings of the environment or .env
	PORT=$${PORT:-8080} honcho start  # honcho itself would begin at 5000

test: lint  ## lint, types, and all tests with a real Redis, a real browser and coverage
	command -v redis-server >/dev/null || .ci/apt-install redis-server
	command -v chromium >/dev/null || .ci/apt-install chromium
	command -v promtool >/dev/null || .ci/apt-install prometheus
	PYTHONDEVMODE=1 python -m pytest --numprocesses auto --cov

lint: .venv/ready  ## style and types
	ruff check --quiet
	ruff format --check --quiet
	mypy --no-error-summary

lock: .venv/ready  ## pin the newest versions, with hashes, for every Python and system we run on
	$(PIP) install uv
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --upgrade --quiet --no-annotate \
	  --custom-compile-command 'make lock' --output-file requirements.lock

clean:  ## remove what was made here
	rm -rf .venv .coverage* .screenshots .hypothesis .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: requirements.lock pyproject.toml
	python=$$(.ci/find-python) && { .venv/bin/python -c '' 2>/dev/null || $$python -m venv --clear .venv; }
	$(PIP) install --require-hashes --no-deps --requirement requirements.lock  # the lock names them all; pip looks for newer ones
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@
