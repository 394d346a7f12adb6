PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test check format sample bench models clean

demo: models
	$(BIN)/mtaudit audit seeds

test: models
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

sample: models
	$(BIN)/mtaudit audit seeds -o reports/sample
	$(BIN)/python scripts/sample_picture.py reports/sample/report.html reports/sample/report.png

bench: models
	$(BIN)/python scripts/bench.py

models: $(READY)
	$(BIN)/mtaudit models fetch

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("mtaudit needs Python 3.11 or later: make PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
