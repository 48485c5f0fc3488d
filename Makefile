# Every target sets up what it needs in .venv or, where that would be much, in an environment of its own; a bare machine
# with Python 3.11 and make is enough.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
CONFORMANCE := .venv-conformance
DOCS := .venv-docs
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
IMAGE ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-peers conformance check style types drift facts derive generate build docs lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.demo  ## run the main job on a local emulator: a picture in, a picture out (IMAGE=photo.jpg takes yours)
	@$(BIN)/python scripts/demo.py $(if $(IMAGE),"$(IMAGE)")

test: $(VENV)/.dev  ## run the tests
	@$(BIN)/python -m pytest -n auto --maxprocesses 8

test-peers: $(PEERS)/.ready  ## run clients that others wrote against the emulator
	@PYTHONPATH=overrides $(PEERS)/bin/python -m pytest tests/peers

conformance: $(CONFORMANCE)/.ready  ## run the contract against the emulator with schemathesis
	@PYTHONPATH=overrides $(CONFORMANCE)/bin/python scripts/conformance.py

check: style types drift facts  ## check style, types, drift of generated and derived code, and the contract's facts

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy overrides/comfy_cloud scripts examples tests/typing
	$(BIN)/basedpyright

drift: $(VENV)/.dev
	$(BIN)/python scripts/generate.py --check
	$(BIN)/python scripts/unasync.py --check
	$(BIN)/python scripts/operations_table.py --check

facts: $(VENV)/.dev
	@if [ -f ../shared/tools/spec_facts.py ]; then $(BIN)/python ../shared/tools/spec_facts.py openapi-cloud.yaml; \
	else echo "facts: skipped, the published contract is not at ../shared"; fi

generate: $(VENV)/.dev  ## rebuild generated/ from the contract, the derived code and docs/operations.md
	$(BIN)/python scripts/generate.py
	$(BIN)/python scripts/unasync.py
	$(BIN)/python scripts/operations_table.py

derive: $(VENV)/.dev  ## rebuild the synchronous code from the asynchronous
	$(BIN)/python scripts/unasync.py

build: $(VENV)/.dev  ## build wheel and sdist into dist/
	$(BIN)/python -m build --no-isolation

docs: $(DOCS)/.ready  ## build the documentation into out/docs/
	@rm -rf out/docs
	@PYTHONPATH=overrides $(DOCS)/bin/python -m sphinx -W --keep-going --jobs auto --quiet -c docs -d out/.doctrees . out/docs
	@$(DOCS)/bin/python scripts/check_links.py out/docs
	@echo "built  out/docs/index.html"

lock: $(VENV)/.dev  ## write requirements/*.txt anew from pyproject.toml and requirements/*.in
	$(LOCK) --extra testing pyproject.toml -o requirements/base.txt
	$(LOCK) --all-extras pyproject.toml requirements/dev.in -o requirements/dev.txt
	$(LOCK) --extra testing pyproject.toml requirements/peers.in -o requirements/peers.txt
	$(LOCK) --extra testing pyproject.toml requirements/conformance.in -o requirements/conformance.txt
	$(LOCK) --extra testing pyproject.toml requirements/docs.in -o requirements/docs.txt

clean:  ## remove the environments and everything built
	rm -rf $(VENV) $(PEERS) $(CONFORMANCE) $(DOCS) dist out .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python $(PEERS)/bin/python $(CONFORMANCE)/bin/python $(DOCS)/bin/python:
	@test -n "$(PYTHON)" || { echo "no python3.11 found: install Python 3.11 or newer, or say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, $(PYTHON) is %d.%d: say make PYTHON=/path/to/python" % sys.version_info[:2])'
	@echo "setting up $(@D:/bin=) ..."
	@$(PYTHON) -m venv $(@D:/bin=)

$(VENV)/.demo: requirements/base.txt pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/base.txt
	@touch $@

# Installing the package itself is last and without its dependencies: those are locked.
$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo

# The package is not installed there: these environments hold what others wrote.
$(PEERS)/.ready: requirements/peers.txt | $(PEERS)/bin/python
	@$(PEERS)/bin/python -m pip install --quiet --require-hashes -r requirements/peers.txt
	@touch $@

$(CONFORMANCE)/.ready: requirements/conformance.txt | $(CONFORMANCE)/bin/python
	@$(CONFORMANCE)/bin/python -m pip install --quiet --require-hashes -r requirements/conformance.txt
	@touch $@

$(DOCS)/.ready: requirements/docs.txt | $(DOCS)/bin/python
	@$(DOCS)/bin/python -m pip install --quiet --require-hashes -r requirements/docs.txt
	@touch $@
