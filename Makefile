# Every target sets up what it needs in .venv or, where that would be much, in an environment of its own; a bare machine
# with Python 3.11 and make is enough.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
CONFORMANCE := .venv-conformance
INSTALLS := .venv-installs
MINIMUM := .venv-minimum
DOCS := .venv-docs
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
IMAGE ?=
REPORT := out/regenerate.md
DEST ?=
NAME ?= comfy_cloud
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Some images turn caches of compiled modules off: each of the many processes of the tests would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-peers test-installs test-regenerate conformance check style types drift facts workflows
.PHONY: derive generate regenerate proposal pull-request tagged vendor build docs lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: $(VENV)/.demo  ## run the main job on a local emulator: a picture in, a picture out (IMAGE=photo.jpg takes yours)
	@$(BIN)/python scripts/demo.py $(if $(IMAGE),"$(IMAGE)")

test: $(VENV)/.dev  ## run the tests
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal

test-peers: $(PEERS)/.ready  ## run clients that others wrote against the emulator
	@PYTHONPATH=overrides $(PEERS)/bin/python -m pytest tests/peers

# Of the emulator's own tests a part, since all the others run on it. Uploads that a callback breaks off are left out: an
# old starlette leaves the emulator's temporary file to the garbage collector, which warns.
test-installs: $(INSTALLS)/.ready $(MINIMUM)/.ready  ## install in every way, run the tests with the oldest dependencies
	@$(INSTALLS)/bin/python -m pytest tests/installs
	@PYTHONPATH=overrides $(MINIMUM)/bin/python -m pytest -n auto --maxprocesses 8 tests/core tests/_async tests/_sync \
		tests/emulator/test_nodes.py tests/emulator/test_files.py tests/test_canary.py -k "not callback_that_fails"

conformance: $(CONFORMANCE)/.ready  ## run the contract against the emulator with schemathesis
	@PYTHONPATH=overrides $(CONFORMANCE)/bin/python scripts/conformance.py

check: style types drift facts workflows  ## check style, types, drift of generated and derived code, the contract's facts, workflows

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
	@! grep -n 'To be worded' openapi-cloud.yaml || { echo "facts: these places want words of our own"; exit 1; }
	@if [ -f ../shared/tools/spec_facts.py ]; then $(BIN)/python ../shared/tools/spec_facts.py openapi-cloud.yaml; \
	else echo "facts: skipped, the published contract is not at ../shared"; fi

generate: $(VENV)/.dev  ## rebuild generated/ from the contract, the derived code and docs/operations.md
	$(BIN)/python scripts/generate.py
	$(BIN)/python scripts/unasync.py
	$(BIN)/python scripts/operations_table.py

# SPEC, TESTS and TAG are read from the environment, where make puts them: as part of a command they could become code.
# make knows one failure only, so 0, 10 and 20 all succeed here; the last line printed, the report and, in CI, the
# step's output `status` tell them apart.
regenerate: $(VENV)/.dev  ## adopt the published contract, test it and report (SPEC=file-or-url, TESTS="command")
	@status=0; $(BIN)/python scripts/regenerate.py --report $(REPORT) --spec "$${SPEC-}" --tests "$${TESTS-}" \
	|| status=$$?; case $$status in 0|10|20) ;; *) exit $$status ;; esac

test-regenerate: $(VENV)/.dev  ## run the regeneration and the workflows' steps on contracts served over HTTP
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 tests/regeneration

proposal:  ## save what a regeneration changed as out/regenerate.patch
	@git add --all && git diff --cached --binary --output=out/regenerate.patch

pull-request:  ## open a pull request from out/regenerate.patch and its report, or renew the one that is open (needs gh)
	git switch --create regenerate
	git apply --index out/regenerate.patch
	git -c user.name="comfy-cloud regeneration" -c user.email=noreply@github.com \
	commit --quiet --message "$$(sed -n '1s/^# //p' $(REPORT))"
	gh auth setup-git
	git push --force origin regenerate
	gh pr create --head regenerate --title "$$(sed -n '1s/^# //p' $(REPORT))" --body-file $(REPORT) || \
	gh pr edit regenerate --title "$$(sed -n '1s/^# //p' $(REPORT))" --body-file $(REPORT)

workflows: $(VENV)/.dev
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet .github/workflows

tagged: $(VENV)/.dev  ## check that TAG is the version of the package and that the changelog dates it
	@version=$$($(BIN)/python -c 'import comfy_cloud; print(comfy_cloud.__version__)') && \
	test "$${TAG-}" = "v$$version" || { echo "the tag is $${TAG-}, the package has version $$version"; exit 1; }; \
	grep -qE "^## $${version} - [0-9]{4}-" CHANGELOG.md || { echo "CHANGELOG.md has no date for $$version"; exit 1; }

derive: $(VENV)/.dev  ## rebuild the synchronous code from the asynchronous
	$(BIN)/python scripts/unasync.py

vendor: | $(BIN)/python  ## copy the package into another project: DEST=folder NAME=name (TESTING=1, FORCE=1, CHECK=1)
	@$(BIN)/python scripts/vendor.py "$(DEST)" --name "$(NAME)" $(if $(TESTING),--testing) $(if $(FORCE),--force) \
		$(if $(CHECK),--check)

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
	$(LOCK) --extra testing pyproject.toml requirements/installs.in -o requirements/installs.txt
	$(LOCK) --extra testing pyproject.toml requirements/minimum.in --resolution lowest-direct -o requirements/minimum.txt
	$(LOCK) --extra testing pyproject.toml requirements/docs.in -o requirements/docs.txt

ENVIRONMENTS := $(VENV) $(PEERS) $(CONFORMANCE) $(INSTALLS) $(MINIMUM) $(DOCS)

clean:  ## remove the environments and everything built
	rm -rf $(ENVIRONMENTS) dist out .mypy_cache .ruff_cache .pytest_cache

$(ENVIRONMENTS:=/bin/python):
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

$(INSTALLS)/.ready: requirements/installs.txt | $(INSTALLS)/bin/python
	@$(INSTALLS)/bin/python -m pip install --quiet --require-hashes -r requirements/installs.txt
	@touch $@

$(MINIMUM)/.ready: requirements/minimum.txt | $(MINIMUM)/bin/python
	@$(MINIMUM)/bin/python -m pip install --quiet --require-hashes -r requirements/minimum.txt
	@touch $@

$(DOCS)/.ready: requirements/docs.txt | $(DOCS)/bin/python
	@$(DOCS)/bin/python -m pip install --quiet --require-hashes -r requirements/docs.txt
	@touch $@
