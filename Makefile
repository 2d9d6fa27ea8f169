# The single front door. Each target installs what it lacks, so any of them may be the first thing typed on a
# fresh Debian 12 or Ubuntu machine (apt packages with sudo when not root; Python packages into .venv only).

SHELL := /bin/bash
PYTHON := .venv/bin/python
# How many processes share the tests, file by file in their order: as many as there are cores, 4 at most. None with
# WORKERS=0, which a debugger needs.
WORKERS ?= auto
SHARED := $(if $(filter-out 0,$(WORKERS)),-n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder)

.DEFAULT_GOAL := help
.PHONY: help demo test test-matrix test-qt qgis package lint hooks coverage scan translations sample train-setup peers-setup accuracy setup clean docs algorithms
.PHONY: performance killing case-slumgullion case-fjord case-earthquake case-salmon-falls case-speeds

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup  ## a landslide embedded in a real Sentinel-1 image, measured through qgis_process: build/demo/
	@$(PYTHON) -m scripts.demo

test: setup  ## the whole suite, without a display (narrow it: make test ARGS="tests/engine -x")
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest $(SHARED) $(ARGS)

test-matrix: setup  ## the suite on every QGIS this machine can have, as a table (ARGS="tests/qgis" for a part)
	@scripts/matrix.sh $(ARGS)

test-qt: setup  ## the panel, plots and dialogs built and clicked under PyQt6
	@scripts/setup.sh qt6
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest tests/qt6 tests/house/test_qt6.py $(ARGS)

qgis: setup  ## open the desktop with the plugin enabled and the sample pair loaded
	@$(PYTHON) -m scripts.desktop

package: setup docs  ## the installable zip: dist/deepot_qgis-<version>.zip
	@scripts/setup.sh translations
	@$(PYTHON) -m scripts.staging

lint:  ## ruff, mypy (strict), and what QGIS and Qt 6 ask of the plugin
	@scripts/setup.sh lint
	.venv-lint/bin/ruff check .
	.venv-lint/bin/ruff format --check .
	.venv-lint/bin/flake8 --select QGS1,QGS4 --extend-ignore QGS105 deepot_qgis
	@scripts/types.sh

hooks:  ## check what changed before every commit (pre-commit)
	@scripts/setup.sh lint
	.venv-lint/bin/pre-commit install

coverage: setup  ## the suite with branches counted, and the files with the most that no test reaches: build/coverage/
	@scripts/setup.sh coverage
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m scripts.covered $(SHARED) $(ARGS)

scan:  ## bandit and detect-secrets over the plugin, as the plugin repository runs them
	@scripts/setup.sh lint
	.venv-lint/bin/bandit -q -r -ll deepot_qgis
	.venv-lint/bin/detect-secrets-hook $$(git ls-files deepot_qgis)

algorithms: setup  ## docs/algorithms.md: every Processing algorithm and its parameters
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m scripts.algorithms_page 2>/dev/null

# Not --quiet: MkDocs counts only the warnings that it may print, and a warning is to end the build.
docs:  ## the pages of docs/ as a site that opens from a folder: build/site/index.html
	@scripts/setup.sh docs
	@.venv-docs/bin/python -m mkdocs build

translations: setup  ## refresh i18n/*.ts from the sources
	@$(PYTHON) -m scripts.translations

sample: setup  ## make resources/sample/ anew from its public source
	@$(PYTHON) -m scripts.make_sample

train-setup:  ## PyTorch and friends into .venv-train (only for training/)
	@scripts/setup.sh train

peers-setup:  ## other people's offset trackers into .venv-peers (for make accuracy and performance)
	@scripts/setup.sh peers

performance: peers-setup  ## time and memory beside the peers, and docs/performance.md from it (ARGS=--only-document)
	@.venv-peers/bin/python -m benchmarks.performance $(ARGS)

killing: setup  ## kill runs at random moments, and say what was left (about 6 minutes)
	@$(PYTHON) -m benchmarks.killing $(ARGS)

accuracy: peers-setup  ## measure every model beside the peers, and write docs/accuracy.md (ARGS="--model deepot")
	@.venv-peers/bin/python -m benchmarks.accuracy --out runs/accuracy --documents docs $(ARGS)

case-slumgullion: setup  ## a slow landslide through two years, judged like at an extensometer
	@$(PYTHON) -m cases.slumgullion $(ARGS)

case-fjord: setup  ## a rockslide above a fjord that accelerates, in radar geometry
	@$(PYTHON) -m cases.fjord $(ARGS)

case-earthquake: setup  ## a surface rupture across a whole scene
	@$(PYTHON) -m cases.earthquake $(ARGS)

case-salmon-falls: setup  ## GNSS of a real landslide beside a simulated series
	@$(PYTHON) -m cases.salmon_falls $(ARGS)

case-speeds: setup  ## which speed shows in which product: the tables of docs/data.md
	@$(PYTHON) -m cases.speeds $(ARGS)

setup:
	@scripts/setup.sh run

clean:  ## remove everything that was built; .venv stays
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .qgis-settings .coverage .coverage.*
	find . -name __pycache__ -type d -not -path './.venv*' -not -path './.matrix/*' -prune -exec rm -rf {} +
