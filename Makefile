# Every target sets up what it needs in .venv or, where that would be much, in an environment of its own; a bare machine
# with Python 3.11 and make is enough.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Another Python than the default has an environment of its own: else `make test PYTHON=...` would test the old one.
OTHER := $(filter command environment,$(firstword $(origin PYTHON)))
VENV := .venv$(if $(OTHER),-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))
# On Windows, which sets OS, the folder of an environment's programs has another name.
PROGRAMS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := $(VENV)/$(PROGRAMS)
PEERS := .venv-peers
CONFORMANCE := .venv-conformance
INSTALLS := .venv-installs
MINIMUM := .venv-minimum
DOCS := .venv-docs
ENGINES := .venv-engines
FUZZ := .venv-fuzz
AUDIT := .venv-audit
BENCH := .venv-bench
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
IMAGE ?=
REPORT := out/regenerate.md
DEST ?=
NAME ?= comfy_cloud
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Some images turn caches of compiled modules off: each of the many processes of the tests would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE

SOAK ?=
ROW ?=
CAMPAIGN ?=
FAULTS ?=
RUNS ?= 20000
FUZZING ?=
# What a user sets reaches a command in the environment only: as part of a command it could become code, and a quote in
# a path would end it. make expands each `$` of what it exports, so hand the text on as it was given.
GIVEN := IMAGE DEST NAME SOAK CAMPAIGN FAULTS RUNS FUZZING SPEC TESTS TAG
$(foreach name,$(GIVEN),$(eval override export $(name) := $$(value $(name))))
# All but the files of environments are names of tasks.
.PHONY: $(shell grep -oE '^[a-z-]+:' $(firstword $(MAKEFILE_LIST)) | tr -d :)

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/.demo  ## run the main job on a local emulator: a picture in, a picture out (IMAGE=photo.jpg takes yours)
	@$(BIN)/python scripts/demo.py $${IMAGE:+"$$IMAGE"}

test: $(VENV)/.dev  ## run the tests of the client and the emulator, at every change: three minutes on two cores
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal --ignore tests/packaging

test-packaging: $(VENV)/.dev  ## run the tests that start processes, build or install: scripts, pages, examples, copies
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile tests/packaging

# An environment that a tool for versions keeps counts as well: its command in the path may not start.
test-pythons:  ## run the tests on each newer Python that is installed here
	@for version in 3.12 3.13; do \
		for python in python$$version "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version.*/bin/python ""; do \
			"$$python" -c pass 2>/dev/null && break; \
		done; \
		if test -n "$$python"; then echo "Python $$version:" && $(MAKE) --no-print-directory test PYTHON="$$python" || exit; \
		else echo "Python $$version: skipped, it is not installed here"; fi; \
	done

soak: $(VENV)/.dev  ## run jobs while faults strike, and a batch that is killed a hundred times (CAMPAIGN="--jobs 150", SOAK="--rows 500 --kills 5")
	@set -f; $(BIN)/python benchmarks/campaign.py $$CAMPAIGN
	@set -f; $(BIN)/python benchmarks/soak.py $$SOAK

bench: $(BENCH)/.ready  ## measure the client beside bare httpx and other clients, and write the tables of docs/performance.md
	@PYTHONPATH=overrides $(BENCH)/bin/python benchmarks --page

profile: $(BENCH)/.ready  ## print where the time of a row of the benchmarks goes: ROW=name (without it, the names)
	@PYTHONPATH=overrides $(BENCH)/bin/python benchmarks $(if $(ROW),profile $(ROW),list)

test-faults: $(VENV)/.dev  ## try every operation on every fault that the emulator can order (FAULTS="--cases 800 --seed 7")
	@set -f; $(BIN)/python -m pytest -n auto --maxprocesses 8 tests/faults $$FAULTS

fuzz: $(FUZZ)/.ready  ## fuzz the pure parts by coverage, each target RUNS times (FUZZING="--seconds 900 media times")
	@set -f; PYTHONPATH=overrides $(FUZZ)/bin/python -m tests.fuzz --runs "$$RUNS" $$FUZZING

audit: $(AUDIT)/.ready  ## compare what is locked with the advisories of PyPI, where those can be reached
	@$(AUDIT)/bin/python scripts/audit.py

test-peers: $(PEERS)/.ready  ## run clients that others wrote against the emulator
	@PYTHONPATH=overrides $(PEERS)/bin/python -m pytest tests/peers

test-engines: $(ENGINES)/.ready  ## run batches on Dask and process pools whose workers are killed
	@PYTHONPATH=overrides $(ENGINES)/bin/python -m pytest tests/engines

# Of the emulator's own tests a part, since all the others run on it. Uploads that a callback breaks off are left out: an
# old starlette leaves the emulator's temporary file to the garbage collector, which warns.
test-installs: $(INSTALLS)/.ready $(MINIMUM)/.ready  ## install in every way, run the tests with the oldest dependencies
	@$(INSTALLS)/bin/python -m pytest tests/installs
	@PYTHONPATH=overrides $(MINIMUM)/bin/python -m pytest -n auto --maxprocesses 8 tests/core tests/_async tests/_sync \
		tests/emulator/test_nodes.py tests/emulator/test_files.py tests/test_canary.py -k "not callback_that_fails" \
		--ignore tests/core/test_fuzz.py

conformance: $(CONFORMANCE)/.ready  ## run the contract against the emulator with schemathesis
	@PYTHONPATH=overrides $(CONFORMANCE)/bin/python tests/conformance

check: style types drift facts workflows  ## check style, types, drift of generated and derived code, the contract's facts, workflows

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy overrides/comfy_cloud scripts examples tests/typing tests/conformance
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

# make knows one failure only, so 0, 10 and 20 all succeed here; the last line printed, the report and, in CI, the
# step's output `status` tell them apart.
regenerate: $(VENV)/.dev  ## adopt the published contract, test it and report (SPEC=file-or-url, TESTS="command")
	@status=0; $(BIN)/python scripts/regenerate --report $(REPORT) --spec "$${SPEC-}" --tests "$${TESTS-}" \
	|| status=$$?; case $$status in 0|10|20) ;; *) exit $$status ;; esac

# Each test copies the tree with the cache of mypy, so it is filled once.
test-regenerate: $(VENV)/.dev  ## run the regeneration and the workflows' steps on contracts served over HTTP
	@$(BIN)/mypy --no-error-summary overrides/comfy_cloud/_async overrides/comfy_cloud/_core tests/typing
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup tests/regeneration

proposal:  ## save what a regeneration changed as out/regenerate.patch
	@git add --all && git diff --cached --binary --output=out/regenerate.patch

pull-request:  ## open, renew or close the pull request of out/regenerate.md and its patch (needs gh)
	@python3 scripts/propose.py pull-request

issue:  ## open or renew the issue about a failed regeneration, or close it (needs gh, RESULT=success or failure)
	@python3 scripts/propose.py issue

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
	@$(BIN)/python scripts/vendor.py "$$DEST" --name "$$NAME" $(if $(TESTING),--testing) $(if $(FORCE),--force) \
		$(if $(CHECK),--check)

build: $(VENV)/.dev  ## build wheel and sdist into dist/
	$(BIN)/python -m build --no-isolation

docs: $(DOCS)/.ready  ## build the documentation into out/docs/
	@rm -rf out/docs
	@PYTHONPATH=overrides $(DOCS)/bin/python -m sphinx -W --keep-going --jobs auto --quiet -c docs -d out/.doctrees . out/docs
	@$(DOCS)/bin/python scripts/check_links.py out/docs
	@echo "built  out/docs/index.html"

# Each release is built from its own sources, by the tools of today.
site: $(DOCS)/.ready  ## build the documentation of each release and of this commit into out/site/, a folder for each
	@rm -rf out/site out/releases && mkdir -p out/site && git worktree prune
	@releases=$$(git tag --list 'v[0-9]*' --sort=-version:refname | tr '\n' ' '); \
	for name in $$releases main; do \
		folder=.; \
		test $$name = main || { folder=out/releases/$$name; git worktree add --quiet --detach $$folder $$name; }; \
		DOCS_VERSION=$$name DOCS_VERSIONS="$$releases main" \
		$(MAKE) --no-print-directory -C $$folder docs DOCS=$(CURDIR)/$(DOCS) || exit; \
		mv $$folder/out/docs out/site/$$name; \
		test $$name = main || git worktree remove --force $$folder; \
	done; \
	set -- $$releases main; \
	echo "<!doctype html><meta http-equiv=refresh content='0; url=$$1/docs/index.html'>" > out/site/index.html
	@echo "built  out/site/index.html"

# The branch holds what was built last and nothing else: nobody works on it, so that its history need not be kept.
publish-site:  ## put out/site/ on the branch gh-pages (needs gh)
	gh auth setup-git
	git -C out/site init --quiet --initial-branch=gh-pages
	touch out/site/.nojekyll
	git -C out/site add --all
	git -C out/site -c user.name="comfy-cloud documentation" -c user.email=noreply@github.com \
	commit --quiet --message "Publish the documentation of $$(git rev-parse --short HEAD)"
	git -C out/site push --force "$$(git remote get-url origin)" gh-pages

lock: $(VENV)/.dev  ## write requirements/*.txt anew from pyproject.toml and requirements/*.in
	$(LOCK) --extra testing pyproject.toml -o requirements/base.txt
	$(LOCK) --all-extras pyproject.toml requirements/dev.in -o requirements/dev.txt
	$(LOCK) --extra testing pyproject.toml requirements/peers.in -o requirements/peers.txt
	$(LOCK) --extra testing pyproject.toml requirements/conformance.in -o requirements/conformance.txt
	$(LOCK) --extra testing --extra cli pyproject.toml requirements/installs.in -o requirements/installs.txt
	$(LOCK) --extra testing pyproject.toml requirements/minimum.in --resolution lowest-direct -o requirements/minimum.txt
	$(LOCK) --extra testing pyproject.toml requirements/docs.in -o requirements/docs.txt
	$(LOCK) --extra testing pyproject.toml requirements/engines.in -o requirements/engines.txt
	$(LOCK) --extra testing pyproject.toml requirements/fuzz.in -o requirements/fuzz.txt
	$(LOCK) requirements/audit.in -o requirements/audit.txt
	$(LOCK) --extra testing pyproject.toml requirements/bench.in -o requirements/bench.txt

ENVIRONMENTS := $(VENV) $(PEERS) $(CONFORMANCE) $(INSTALLS) $(MINIMUM) $(DOCS) $(ENGINES) $(FUZZ) $(AUDIT) $(BENCH)

clean:  ## remove the environments and everything built
	rm -rf .venv .venv-* dist out .mypy_cache .ruff_cache .pytest_cache

$(ENVIRONMENTS:=/$(PROGRAMS)/python):
	@test -n "$(PYTHON)" || { echo "no python3.11 found: install Python 3.11 or newer, or say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, $(PYTHON) is %d.%d: say make PYTHON=/path/to/python" % sys.version_info[:2])'
	@echo "setting up $(@D:/$(PROGRAMS)=) ..."
	@$(PYTHON) -m venv $(@D:/$(PROGRAMS)=)

$(VENV)/.demo: requirements/base.txt pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/base.txt
	@touch $@

# Installing the package itself is last and without its dependencies: those are locked.
$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo

# The package is not installed there: these environments hold what others wrote.
.venv-%/.ready: requirements/%.txt | .venv-%/bin/python
	@$(@D)/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@
