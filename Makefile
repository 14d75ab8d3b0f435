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

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

sample: .venv/installed
	$(BIN)/nianbao init
	$(BIN)/nianbao sample

run: sample
	$(BIN)/nianbao run --year $(YEAR)

review: .venv/installed
	$(BIN)/nianbao init
	$(BIN)/nianbao review

test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt_project/models
	$(BIN)/pytest -n 2 --dist loadfile

dev: .venv/installed
	$(BIN)/nianbao init
	DAGSTER_HOME=$(NIANBAO_HOME)/dagster $(BIN)/dagster dev --workspace workspace.yaml

bench: .venv/installed
	$(BIN)/python tests/benchmarks/bench.py

# The docs' pictures are what the browser tests see.
pictures: .venv/installed
	mkdir -p docs/images
	NIANBAO_PICTURES=$(CURDIR)/docs/images $(BIN)/pytest tests/browser

# Pages of the Word report as a person sees them; needs Debian's libreoffice-writer and poppler-utils.
report-pictures: run
	$(BIN)/nianbao report --city qingyang --year $(YEAR) --output $(NIANBAO_HOME)/report.docx
	soffice --headless --convert-to pdf --outdir $(NIANBAO_HOME) $(NIANBAO_HOME)/report.docx
	for page in 1 2 7 13; do pdftoppm -r 60 -png -singlefile -f $$page -l $$page \
		$(NIANBAO_HOME)/report.pdf docs/images/report-$$page; done

# Hashes and no addresses: the lock works with any index.
lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-strip-extras \
		--generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		pyproject.toml --output-file requirements.lock
