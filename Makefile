# `make` prints what there is to make.
PYTHON ?= python

.PHONY: help run test quick lint format types schemas questions coverage fidelity bench check

help: ## print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

run: ## start the app
	$(PYTHON) -m streamlit run app.py

test: ## run every test, in the browser too
	$(PYTHON) -m pytest -n auto --dist worksteal

quick: ## run the tests that need neither browser nor patience
	$(PYTHON) -m pytest -n auto --dist worksteal -m "not slow and not e2e"

lint: ## look for what ruff finds
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format: ## let ruff put the code in form
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types: ## check the types of all floors below the screens
	$(PYTHON) -m mypy

schemas: ## write the committed JSON schemas anew
	$(PYTHON) -m simulator schema > simulator/design.schema.json
	$(PYTHON) -m question_bank schema > question_bank/question.schema.json
	$(PYTHON) -c "from rubrics.rubric_file import schema_text; print(schema_text(), end='')" > rubrics/rubric.schema.json

questions: ## check every question of the bank
	$(PYTHON) -m question_bank check

coverage: ## write the page on what the bank covers anew
	$(PYTHON) -m question_bank coverage > docs/coverage.md

fidelity: ## hold the simulator against theory, number by number
	$(PYTHON) -m simulator check

bench: ## measure speed and memory, and add a line to the history
	$(PYTHON) -m benchmarks

check: lint types questions test ## everything that must hold before a change lands
