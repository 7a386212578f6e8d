# make run | make show | make test | make bench: each sets up .venv by itself; run twice, the second time fetches nothing.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run show test bench lint

# A weight that cannot be had now is told, and keeps nothing else from starting.
run: .venv/run.done
	-$(BIN)/python -m models fetch
	$(BIN)/python app.py

show: .venv/run.done
	-$(BIN)/python -m models fetch
	$(BIN)/python -m deploy show

test: .venv/dev.done
	$(BIN)/python -m models fetch
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/hadolint Dockerfile
	$(BIN)/mypy
	$(BIN)/python -m pytest -n logical --maxprocesses=4 --dist worksteal

bench: .venv/dev.done
	$(BIN)/python -m models fetch
	$(BIN)/python -m benchmarks

.venv/run.done: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip==26.3
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/dev.done: .venv/run.done requirements-train.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@
