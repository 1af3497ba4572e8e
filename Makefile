# Every target sets up what it needs, on a fresh clone: in .venv, or in .venv-python3.13 where
# another Python is asked for (make test PYTHON=python3.13).
PYTHON ?= python3
VENV ?= .venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# One more than cores: who waits for a kernel or a clock leaves a core idle.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
# Where pip finds a torch without CUDA, if not where it finds everything (see docs/instructors.md).
TORCH_INDEX ?=
PIP := $(BIN)/pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --constraint constraints.txt

.PHONY: demo test e2e pictures docs lint check sync format clean

demo: $(VENV)/installed
	autograder demo

test: $(VENV)/developing
	pytest -q -n $(WORKERS) --dist loadgroup

# In a real browser: needs Debian's packages chromium and fonts-dejavu.
# The Hub in it needs root, python3-venv and npm.
e2e: $(VENV)/developing
	pytest -q -n 2 --dist loadfile tests/e2e

# The documentation's screenshots, of what `make demo` left and of made-up classes.
pictures: demo $(VENV)/developing
	python tests/e2e/pictures.py

# The site, offline, in build/site; a warning is an error.
docs: $(VENV)/developing
	sphinx-build -W --keep-going -q -b html docs build/site

# Style, types, rooms.
lint: $(VENV)/developing
	ruff format --check autograder tests examples
	ruff check autograder tests examples nbgrader_config.py
	mypy
	lint-imports

# The same, and generated files in step with their texts.
check: lint
	pytest -q -n auto tests/commands/test_sync.py

sync: $(VENV)/installed
	autograder sync

format: $(VENV)/developing
	ruff format autograder tests examples
	ruff check --fix autograder tests examples

# What an instructor needs, and JAX for week 5. torch first: its CPU build is a tenth of the other.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Python 3.11 or later is needed, and $(PYTHON) is ' + sys.version.split()[0] + '. If there is a newer one, say so: make PYTHON=python3.12')"
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	$(INSTALL) --editable '.[jax]'
	touch $@

# What changing the course needs beside it.
$(VENV)/developing: $(VENV)/installed
	$(INSTALL) --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv .venv-* demo .pytest_cache .mypy_cache .ruff_cache build *.egg-info
