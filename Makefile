# Every target sets up what it needs, on a fresh clone, in .venv.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test e2e pictures lint check sync format clean

demo: .venv/installed
	autograder demo

test: .venv/installed
	pytest -q -n auto --dist loadgroup

# In a real browser: needs Debian's packages chromium and fonts-dejavu.
# The Hub in it needs root, python3-venv and npm.
e2e: .venv/installed
	pytest -q -n 2 --dist loadfile tests/e2e

# The documentation's screenshots, of what `make demo` left and of made-up classes.
pictures: demo
	python tests/e2e/pictures.py

# Style, types, layers.
lint: .venv/installed
	ruff format --check autograder tests examples
	ruff check autograder tests examples nbgrader_config.py
	mypy
	lint-imports

# The same, and generated files in step with their texts.
check: lint
	pytest -q -n auto tests/commands/test_sync.py

sync: .venv/installed
	autograder sync

format: .venv/installed
	ruff format autograder tests examples
	ruff check --fix autograder tests examples

# torch first and pinned: anything else that asks for it is content with this one.
.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf .venv demo .pytest_cache .mypy_cache .ruff_cache build *.egg-info
