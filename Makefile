# `make demo` and `make test` do everything, with Python 3.11 or newer, git and make. Environments stand in .venv/,
# one for the demo and one for each version of Python; each is made from hashed pins, and again when those change.

VERSIONS = 3.11 3.12 3.13

# Many short processes import the same: what they compile is kept, also where the environment says otherwise.
export PYTHONDONTWRITEBYTECODE :=

# The first Python that runs and can make environments (a pyenv shim may be there and do neither); a tested one if there is.
ifndef PYTHON
PYTHON := $(shell for end in 14 99; do for p in python3 python3.11 python3.12 python3.13; do \
  $$p -c "import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, $$end))" 2>/dev/null \
  && echo $$p && break 2; done; done)
endif
VERSION := $(if $(PYTHON),$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))
HERE = .venv/$(VERSION)
OTHERS = $(filter-out $(VERSION),$(VERSIONS))

.PHONY: demo test lowest lowest-tests lowest-demo newest coverage bench deep fuzz valid mutants pins release clean python check \
  $(VERSIONS:%=test-%)
.SECONDARY:

demo: .venv/demo/project
	@.venv/demo/bin/grantcalc demo

# The checks, then the tests on this Python, then the same tests on each other one at hand.
test: python
	@hand=; for v in $(OTHERS); do \
	  if python$$v -c 'import ensurepip, venv' 2>/dev/null; then hand="$$hand $$v"; continue; fi; \
	  echo "python$$v is not at hand: it goes untested"; \
	  case ",$$GRANTCALC_REQUIRE," in *",python$$v,"*) echo "GRANTCALC_REQUIRE names python$$v" >&2; exit 1;; esac; \
	done; \
	again="$(MAKE) --silent --no-print-directory"; \
	$$again -j2 $(HERE)/project `for v in $$hand; do echo .venv/$$v/project; done` && \
	$$again -j1 check `for v in $$hand; do echo test-$$v; done`

check: $(HERE)/project
	@$(HERE)/bin/ruff check
	@$(HERE)/bin/mypy
	@$(HERE)/bin/python -m pytest -n 2 --dist loadfile

# The other versions of Python: the same tests with fewer examples, and without those marked slow.
$(VERSIONS:%=test-%): test-%: .venv/%/project
	@GRANTCALC_PROFILE=few .venv/$*/bin/python -m pytest -n 2 --dist loadfile -m "not slow"

# The lowest versions that pyproject.toml allows: all tests on the first Python, the demo on the last. What old versions
# deprecate fails nothing. tests/test_pins.py reads the pinned versions, so it is left out here.
LENIENT = -W default::DeprecationWarning -W default::PendingDeprecationWarning
lowest: lowest-tests lowest-demo

lowest-tests: .venv/lowest-$(firstword $(VERSIONS))/project
	@$(<D)/bin/python -m pytest -n 2 --dist loadfile $(LENIENT) --ignore tests/test_pins.py

lowest-demo: .venv/lowest-demo/project
	@$(<D)/bin/python -c 'import grantcalc'
	@$(<D)/bin/grantcalc demo

# The newest versions, which users of the library get today; made anew each time.
newest: python
	@echo ".venv/newest: installing the newest versions"
	@rm -rf .venv/newest
	@$(PYTHON) -m venv .venv/newest
	@.venv/newest/bin/python -m pip install --quiet --quiet --disable-pip-version-check --prefer-binary \
	  --requirement requirements/run.in --requirement requirements/test.in --editable '.[postgresql,signatures]'
	@.venv/newest/bin/python -m pip check --quiet --disable-pip-version-check
	@.venv/newest/bin/python -m pytest -n 2 --dist loadfile --ignore tests/test_pins.py

# The branches that the tests of this Python reach; it takes half as long again as they do.
coverage: $(HERE)/project
	@$(HERE)/bin/python -m pytest -n 2 --dist loadfile --cov --cov-report=term-missing:skip-covered

# Each benchmark prints its figures, and fails where one is past its limit.
bench: $(HERE)/project
	@for b in benchmarks/*.py; do echo "== $$b"; $(HERE)/bin/python "$$b" || exit 1; done

# Many new examples for each property. `make deep GRANTCALC_SEED=123` goes on with a run of the same commit that was stopped.
deep: $(HERE)/project
	@seed=$${GRANTCALC_SEED:-`$(PYTHON) -c 'import random; print(random.randrange(2**32))'`}; \
	commit=`git describe --always --dirty`; held="out/deep/$$seed-$$commit.txt"; mkdir -p out/deep; \
	case "$$commit" in *-dirty) rm -f "$$held";; esac; echo "GRANTCALC_SEED=$$seed at $$commit"; \
	GRANTCALC_PROFILE=deep GRANTCALC_HELD="$$held" $(HERE)/bin/python -m pytest -n 2 --dist load -m hypothesis \
	  --hypothesis-seed="$$seed"
	@GRANTCALC_PROFILE=deep $(HERE)/bin/python -m pytest tests/test_forgeries.py \
	  tests/test_order_of_effects.py::TestSequences
	@$(HERE)/bin/python tests/versions.py

# Workbooks damaged at random: 100,000, or COUNT. `make fuzz GRANTCALC_SEED=7 START=50000` goes on where a run was stopped.
fuzz: $(HERE)/project
	@seed=$${GRANTCALC_SEED:-`$(PYTHON) -c 'import random; print(random.randrange(2**32))'`}; \
	$(HERE)/bin/python -m tests.fuzz --seed "$$seed" --start $${START:-0} --count $${COUNT:-100000}

# What we write, by the schemas of Open XML: a validator in an environment of its own, as it brings lxml.
valid: .venv/valid/project
	@.venv/valid/bin/python tests/validity.py

# Small faults in what computes: do the example tests notice each? `make mutants ONLY=billing.days` tries one module's.
mutants: $(HERE)/project
	@PYTHONHASHSEED=0 $(HERE)/bin/python -m mutation.run $(ONLY)

# The pins anew from pyproject.toml and requirements/*.in; `make pins UPGRADE=--upgrade` also raises what is pinned.
PIN = .venv/pins/bin/uv pip compile $(UPGRADE) --quiet --no-strip-extras --universal --python-version $(firstword $(VERSIONS)) \
  --fork-strategy fewest --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command 'make pins' \
  requirements/run.in
pins: python
	@$(PYTHON) -m venv .venv/pins
	@.venv/pins/bin/python -m pip install --quiet uv
	$(PIN) pyproject.toml --output-file requirements/run.txt
	$(PIN) pyproject.toml requirements/test.in --extra postgresql --extra signatures --constraint requirements/run.txt \
	  --output-file requirements/test.txt
	$(PIN) pyproject.toml --extra postgresql --extra signatures --resolution lowest-direct --only-binary :all: \
	  --output-file requirements/lowest.txt
	$(PIN) requirements/release.in --constraint requirements/run.txt --output-file requirements/release.txt
	$(PIN) pyproject.toml requirements/valid.in --constraint requirements/run.txt --output-file requirements/valid.txt

# The wheel and the sdist of this commit, into dist/: built twice, compared, checked, installed and tried.
release: .venv/release/pins
	@$(PYTHON) -m venv --clear .venv/released
	@.ci/release .venv/release/bin/python .venv/released/bin/python

clean:
	rm -rf .venv out build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@test -n "$(PYTHON)" || { echo "grantcalc needs Python 3.11 or newer, with venv and ensurepip" >&2; exit 1; }

# An environment: the pins, all of them wheels with their hashes, installed as they stand, so that no resolver decides
# anything here and what was published since changes nothing; then this project, built by the pinned hatchling.
# With several files of pins, each replaces the versions of the one before.
INSTALL = -m pip install --quiet --quiet --disable-pip-version-check --no-compile \
  --no-deps --only-binary :all: --require-hashes
define environment
	@echo "$(@D): installing $(filter %.txt,$^), once"
	@rm -rf $(@D)
	@$(1) -m venv $(@D)
	@for pins in $(filter %.txt,$^); do $(@D)/bin/python $(INSTALL) --requirement $$pins || exit 1; done
	@$(@D)/bin/python -m pip check --quiet --disable-pip-version-check
	@touch $@
endef
python_of = $(if $(filter $(1),$(VERSION)),$(PYTHON),python$(1))

.venv/demo/pins: requirements/run.txt | python
	$(call environment,$(PYTHON))

.venv/valid/pins: requirements/valid.txt | python
	$(call environment,$(PYTHON))

.venv/release/pins: requirements/release.txt | python
	$(call environment,$(PYTHON))

.venv/lowest-demo/pins: requirements/lowest.txt | python
	$(call environment,$(call python_of,$(lastword $(VERSIONS))))

.venv/lowest-%/pins: requirements/test.txt requirements/lowest.txt | python
	$(call environment,$(call python_of,$*))

.venv/%/pins: requirements/test.txt | python
	$(call environment,$(call python_of,$*))

.venv/%/project: .venv/%/pins pyproject.toml
	@$(@D)/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
