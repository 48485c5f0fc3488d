# Every target sets up what it needs in .venv; a bare machine with Python 3.11 and make is enough.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
IMAGE ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check style types drift facts derive generate build lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.demo  ## run the main job on a local emulator: a picture in, a picture out (IMAGE=photo.jpg takes yours)
	@$(BIN)/python scripts/demo.py $(if $(IMAGE),"$(IMAGE)")

test: $(VENV)/.dev  ## run the tests
	@$(BIN)/python -m pytest

check: style types drift facts  ## check style, types, drift of generated and derived code, and the contract's facts

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy overrides/comfy_cloud scripts tests/typing
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

lock: $(VENV)/.dev  ## write requirements/*.txt anew from pyproject.toml and requirements/dev.in
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
		--extra testing pyproject.toml -o requirements/base.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
		--all-extras pyproject.toml requirements/dev.in -o requirements/dev.txt

clean:  ## remove the environment and everything built
	rm -rf $(VENV) dist out .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "no python3.11 found: install Python 3.11 or newer, or say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, $(PYTHON) is %d.%d: say make PYTHON=/path/to/python" % sys.version_info[:2])'
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/base.txt pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/base.txt
	@touch $@

# Installing the package itself is last and without its dependencies: those are locked.
$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo
