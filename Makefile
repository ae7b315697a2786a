# Everything a developer or the build types. `make help` lists it; PYTHON, PORT and PIP_* are taken from the environment.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8501
FOLDS ?= 10
VENV ?= .venv
SECONDS_EACH ?= 600
FORMATS ?=
SETS ?=
ENGINE ?=
ADVISORIES ?=
PIP_AUDIT := 2.10.1
BIN := $(VENV)/bin
# On two processes; which tests stay together, and which begin first, is said in tests/side_by_side.py.
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder
PACKAGES := onestop search_ui service_desk pipelines indexer connectors mappings samples
PIP_COMPILE := $(BIN)/pip-compile --quiet --all-build-deps --allow-unsafe --strip-extras --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

# Tests start Python hundreds of times, and each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test-core test test-long bench bench-finding bench-growth bench-servers relevance corpus fuzz check format lock audit system-packages clean style types layers

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/runtime.stamp ## fill a workspace with the samples and serve it (needs Python >= 3.11)
	$(BIN)/onestop demo --port $(PORT)

test-core: check ## style, types, layers and every test that needs no browser, no server and no minutes (some 4 minutes)
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) -m "not browser and not slow and not services"

test: system-packages check ## everything the build runs: also Chromium, kills, packaging, notebooks (Debian: as root once)
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE)

test-long: test bench ## everything, properties with 2,000 examples each, a file of 2 GB, the benchmarks and 100-fold growth
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) -m "not browser and not slow" --hypothesis-profile=long
	$(BIN)/python -m pytest -q tests/long
	$(MAKE) bench-growth FOLDS="10 100"

bench: $(VENV)/dev.stamp ## measure against the fixed opponents: one JSON and a table
	$(BIN)/python -m tests.benchmarks

bench-finding: $(VENV)/dev.stamp ## measure finding among 840,000 resources and 110,000 pages, also beside OpenSearch
	$(BIN)/python -m tests.benchmarks.finding

bench-growth: $(VENV)/dev.stamp ## measure the archive ten times as large (FOLDS="10 100": a hundred times, too)
	$(BIN)/python -m tests.benchmarks.growth $(FOLDS)

bench-servers: $(VENV)/dev.stamp ## measure an index on OpenSearch and Elasticsearch, which it starts, beside raw requests
	$(BIN)/python -m tests.benchmarks.servers

relevance: $(VENV)/dev.stamp ## cases and judged sets beside the accepted run (SETS="cranfield cmrc"; ENGINE=ADDRESS asks another; ACCEPT="reason" accepts)
	$(BIN)/python -m tests.relevance $(SETS) $(if $(ENGINE),--engine "$(ENGINE)") $(if $(filter-out undefined,$(origin ACCEPT)),--accept "$(ACCEPT)")

corpus: $(VENV)/dev.stamp ## count the shared corpus beside independent readers: one table
	$(BIN)/python -m tests.corpus_counts

fuzz: $(VENV)/dev.stamp ## fuzz every parser, ten minutes each (SECONDS_EACH=60, FORMATS="marc ead")
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS_EACH) $(FORMATS)

check: style types layers ## style, types and layers alone

style: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy

layers: $(VENV)/dev.stamp
	$(BIN)/lint-imports --no-cache

format: $(VENV)/dev.stamp ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/dev.stamp ## renew the lock files from pyproject.toml
	$(PIP_COMPILE) --upgrade --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

audit: requirements.lock requirements-dev.lock | $(BIN)/python ## ask for advisories on every locked library (3: nobody answered; ADVISORIES=osv asks there)
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet pip-audit==$(PIP_AUDIT)
	$(VENV)/audit/bin/python tools/audit.py $(if $(ADVISORIES),--vulnerability-service $(ADVISORIES))

# What the tests start beside themselves: Chromium, fonts, PostgreSQL, tesseract, nginx, MinIO (which Go builds, for minutes),
# OpenSearch and Elasticsearch (which Maven fetches at their first start, and which need a newer Java than Debian 12 has).
DEBIAN := chromium fontconfig fonts-noto-cjk maven nginx openssl postgresql tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-chi-tra
JDKS := openjdk-25-jdk-headless openjdk-21-jdk-headless
NEWEST_JAVA := sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' /dev/null $$(ls -d /usr/lib/jvm/*/bin/javac "$${JAVA_HOME:-/nowhere}/bin/javac" 2>/dev/null \
	| sed 's:bin/javac$$:release:') | sort -n | tail -n 1
MINIO := PATH="$$PATH:$$(go env GOPATH 2>/dev/null)/bin:$$HOME/go/bin" command -v minio

system-packages: ## what tests need of Debian, a JDK and MinIO: fetched when it is missing and we are root
	@missing=; \
	command -v chromium >/dev/null && fc-list 2>/dev/null | grep "Noto.*CJK" >/dev/null || missing=1; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing=1; \
	PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || missing=1; \
	tesseract --list-langs 2>/dev/null | grep -cx 'chi_sim\|chi_tra' | grep -qx 2 || missing=1; \
	command -v mvn >/dev/null && command -v openssl >/dev/null || missing=1; \
	$(MINIO) >/dev/null || command -v go >/dev/null || missing="$$missing golang"; \
	if [ -n "$$missing" ]; then \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "The tests need: apt-get install $(DEBIAN) golang" >&2; exit 1; }; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN) $${missing#1}; \
	fi; \
	java=$$($(NEWEST_JAVA)); [ "$${java:-0}" -ge 21 ] || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		for jdk in $(JDKS); do apt-get install -y -qq --no-install-recommends $$jdk && break; done || true; }; \
	java=$$($(NEWEST_JAVA)); [ "$${java:-0}" -ge 21 ] || { echo "The tests need a JDK of Java 21 or newer below /usr/lib/jvm" \
		"(or named by JAVA_HOME): apt-get install $(firstword $(JDKS)), or Eclipse Temurin where Debian has none" >&2; exit 1; }; \
	$(MINIO) >/dev/null || { [ "$$(id -u)" = 0 ] && go install github.com/minio/minio@latest; } || \
		{ echo "The tests need MinIO: go install github.com/minio/minio@latest" >&2; exit 1; }

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .bench .fuzz onestop-demo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp is renewed when the lock or the project's metadata changed, so the second run starts at once. The warning that is
# kept quiet is for authors of build backends.
$(VENV)/runtime.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Fetching the libraries: some minutes the first time ..."
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Fetching the libraries for development: some minutes the first time ..."
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@ $(VENV)/runtime.stamp
