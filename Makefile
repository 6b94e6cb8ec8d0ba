# Each target does its own set-up on a machine that has git, make and Python 3.11 or newer.
VENV := .venv
BIN := $(VENV)/bin
LOCKED := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

.PHONY: demo test lint bench lock dist manifests screenshot format clean

demo: $(VENV)/ready
	$(BIN)/fedresolver demo

test: $(VENV)/ready tools assets
	$(BIN)/pytest

lint: $(VENV)/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/ready tools
	$(BIN)/python -m bench

# What a release is built from, and the image: each dependency with its version and the hashes of its files.
lock: $(VENV)/ready
	$(BIN)/uv pip compile pyproject.toml $(LOCKED) --output-file requirements.lock
	$(BIN)/uv pip compile --group build $(LOCKED) --output-file release/build.lock

dist: $(VENV)/ready
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/hatchling build

# What is installed without helm, made from the chart.
manifests: $(VENV)/ready
	$(BIN)/python -m deploy.render "$$($(BIN)/python -m tests.tools.helm | cut -d" " -f2)"

format: $(VENV)/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The picture of the status page in docs/.
screenshot: $(VENV)/ready tools
	$(BIN)/python -m tests.support.screenshot

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/ready: pyproject.toml tests/tools/venv
	tests/tools/venv $(VENV)
	touch $@

.PHONY: tools assets
tools:
	tests/tools/install dig openssl ip gcc musl-gcc ares.h node javac busybox dnsmasq unbound named nsd knotd kdig chromium

# What member clusters are made of, helm, and CoreDNS: found, or built once from Go modules, which takes minutes.
assets: $(VENV)/ready
	$(BIN)/python -m tests.tools.assets
	$(BIN)/python -m tests.tools.helm
	$(BIN)/python -m tests.neighbours
	$(BIN)/python -m tests.tools.prometheus
