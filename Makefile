.DEFAULT_GOAL := help
.PHONY: help demo check run test lint judge chaos fuzz audit overload soak bench instructions bench-support lock clean
.SILENT:

export PATH := $(CURDIR)/.venv/bin:$(PATH)
PIP := python -m pip --disable-pip-version-check -qq

help:  ## what can be made
	sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

demo: .venv/ready  ## a conversation and its order, from webhook to a TikTok sandbox, on one page: nothing to set up
	python -m gateway demo --language en

check: .venv/ready  ## try the settings of the environment or .env, Redis and TikTok, and say what is wrong
	honcho run python -m gateway check

run: .venv/ready  ## web and sender of the Procfile, with the settings of the environment or .env
	PORT=$${PORT:-8080} exec honcho start  # honcho itself would begin at 5000; exec: SIGTERM reaches it

# One worker more than there are cores: some tests wait for leases to end. PYTHONMALLOC leaves out the memory hooks of
# Python's development mode, and coverage what the tests' own processes run: both together took a third of the time.
WORKERS = $$(($$(getconf _NPROCESSORS_ONLN) + 1))

test: lint  ## lint, types, and all tests with a real Redis, a real browser and coverage
	command -v redis-server >/dev/null || .ci/apt-install redis-server
	command -v chromium >/dev/null || .ci/apt-install chromium
	command -v promtool >/dev/null || .ci/apt-install prometheus
	command -v faketime >/dev/null || .ci/apt-install faketime
	PYTHONDEVMODE=1 PYTHONMALLOC=pymalloc python -m pytest --numprocesses $(WORKERS) --cov

lint: .venv/ready  ## style and types
	ruff check --quiet
	ruff format --check --quiet
	bandit --configfile pyproject.toml --quiet --recursive gateway actors rules
	mypy --no-error-summary

judge: .venv/ready  ## long runs of the independent judge and of the outbox's model: WAVES (60) of 400 conversations
	JUDGE_WAVES=$${WAVES:-60} JUDGE_EXAMPLES=50000 MODEL_EXAMPLES=600 python -m pytest tests/judge tests/models -n 2

chaos: .venv/ready  ## every fault alone and all together, SECONDS_EACH (20) of traffic under each; adds rows to chaos.md
	command -v strace >/dev/null || .ci/apt-install strace
	command -v faketime >/dev/null || .ci/apt-install faketime
	CHAOS_SECONDS=$${SECONDS_EACH:-20} CHAOS_REPORT=chaos.md python -m pytest tests/chaos && cat chaos.md

fuzz: .venv/ready  ## SECONDS_EACH (60) of coverage-guided fuzzing for each reader of input; findings stay in tests/fuzz/cases
	python -m tests.fuzz --seconds $${SECONDS_EACH:-60}

audit: .venv/ready  ## known vulnerabilities of what we depend on (OSV_URL: a mirror to ask), and dangerous code of our own
	bandit --configfile pyproject.toml --quiet --recursive gateway actors rules
	python -m tests.security.audit $${OSV_URL:+--osv-url $$OSV_URL}

overload: .venv/ready  ## twice as many webhooks as it can take, for 20 seconds: what is refused, how long the others take
	command -v redis-server >/dev/null || .ci/apt-install redis-server
	python -m tests.load.overload

soak: .venv/ready  ## half an hour at half load: nothing may grow but what the contract keeps
	command -v redis-server >/dev/null || .ci/apt-install redis-server
	python -m tests.load.soak --minutes 30

bench: .venv/ready  ## how fast it is, into docs/performance.md: ROUNDS (3); QUICK=1 only to see that it works
	command -v redis-server >/dev/null || .ci/apt-install redis-server
	python -m tests.load.bench --rounds $${ROUNDS:-3} $${QUICK:+--quick} $${SECTIONS:-}

instructions: .venv/ready  ## how many instructions a webhook takes of a gateway: the same on a busy machine, in two minutes
	command -v redis-server >/dev/null || .ci/apt-install redis-server
	command -v valgrind >/dev/null || .ci/apt-install valgrind
	python -m tests.load.instructions

bench-support: .venv/ready  ## how long support waits for each of its pages on a busy site; fails where that is 200 ms or more
	command -v redis-server >/dev/null || .ci/apt-install redis-server
	python -m tests.load.support

lock: .venv/ready  ## pin the newest versions, with hashes, for every Python and system we run on
	$(PIP) install uv
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --upgrade --quiet --no-annotate \
	  --custom-compile-command 'make lock' --output-file requirements.lock

clean:  ## remove what was made here
	rm -rf .venv .bench .coverage* .fuzz .screenshots .hypothesis .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: requirements.lock pyproject.toml
	python=$$(.ci/find-python) && { .venv/bin/python -c '' 2>/dev/null || $$python -m venv --clear .venv; }
	$(PIP) install --require-hashes --no-deps --requirement requirements.lock  # the lock names them all; pip looks for newer ones
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@
