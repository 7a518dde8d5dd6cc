# Everything here sets up what it needs by itself: Rust and Python 3 are enough.
SHELL := /bin/bash
RANGE := tests/range/range

.PHONY: build demo test crash lint bench fuzz range clean

build:
	cargo build --release --locked

range:
	@$(RANGE) setup

# The main job, on a made-up account of this machine: run, seal, verify.
demo: build range
	@tests/demo

# nextest where it is installed, plain cargo otherwise.
test: range
	@cargo build --locked --tests
	@if cargo nextest --version >/dev/null 2>&1; \
	then $(RANGE) run -- cargo nextest run --locked; \
	else $(RANGE) run -- cargo test --locked; fi
	@$(RANGE) test

# The crash matrix: kinds of steps, kinds of deaths, and how many points of each were tried.
# PLAYBOOK_CRASH=all tries every length of every torn line, and many more second deaths.
crash:
	@cargo test --quiet --locked --test playbook -- --exact --nocapture \
		crash::wherever_a_process_dies_the_run_comes_to_the_same_end

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

bench: build range
	@$(RANGE) run -- tests/bench

# A coverage-guided fuzzer over every reader of foreign bytes, for a bounded time.
fuzz:
	@tests/fuzz/run

clean:
	cargo clean
	rm -rf .range
