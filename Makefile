# run, review, test, dev, bench, lock: what a person does with nianbao.
# Byte code is what makes a second start fast, so set-up must not inherit a wish to go without it.
unexport PYTHONDONTWRITEBYTECODE
export NIANBAO_HOME ?= $(CURDIR)/home
export DO_NOT_TRACK = 1
export GX_ANALYTICS_ENABLED = false
PYTHON ?= python3
BIN := .venv/bin
YEAR ?= 2024

.PHONY: run review test dev bench lock pictures report-pictures sample

PIP := $(BIN)/pip install --quiet --disable-pip-version-check

# What a run needs; a newcomer's first table does not wait for linters and browsers.
.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

# What tests and linters need on top of it.
.venv/developed: .venv/installed requirements-dev.lock
	$(PIP) --requirement requirements-dev.lock
	touch $@

sample: .venv/installed
	$(BIN)/nianbao init
	$(BIN)/nianbao sample

run: sample
	$(BIN)/nianbao run --year $(YEAR)

review: .venv/installed
	$(BIN)/nianbao init
	$(BIN)/nianbao review

test: .venv/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt_project/models
	$(BIN)/python -m slipcover --branch --source orchestration --skip-covered \
		-m pytest -n 2 --dist loadfile --no-loadscope-reorder

dev: .venv/installed
	$(BIN)/nianbao init
	DAGSTER_HOME=$(NIANBAO_HOME)/dagster $(BIN)/dagster dev --workspace workspace.yaml

bench: .venv/developed
	$(BIN)/python tests/benchmarks/bench.py

# The page of commands is what their help says.
docs/commands.md: .venv/developed $(wildcard orchestration/cli/*.py orchestration/cli/commands/*.py)
	$(BIN)/python -m typer orchestration.cli utils docs --name nianbao --output $@

# The docs' pictures are what the browser tests see.
pictures: .venv/developed
	mkdir -p docs/images
	NIANBAO_PICTURES=$(CURDIR)/docs/images $(BIN)/pytest tests/browser

# Pages of the Word report as a person sees them; needs Debian's libreoffice-writer and poppler-utils.
report-pictures: run
	$(BIN)/nianbao report --city qingyang --year $(YEAR) --output $(NIANBAO_HOME)/report.docx
	soffice --headless --convert-to pdf --outdir $(NIANBAO_HOME) $(NIANBAO_HOME)/report.docx
	for page in 1 2 7 13; do pdftoppm -r 60 -png -singlefile -f $$page -l $$page \
		$(NIANBAO_HOME)/report.pdf docs/images/report-$$page; done

# Hashes and no addresses: the locks work with any index. What a run needs, and that with the tools.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-strip-extras \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml
lock:
	$(BIN)/pip install --quiet uv
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock
