# Every target sets up by itself what it needs: on Debian 12, Python 3.11, make and root are enough.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUNBUFFERED := 1

.PHONY: demo test campaign bench prompts lint states messages pins clean

# The lab office, its carriers and phones and the router, with a panel that can cut the trunk. Ctrl-C ends all of it.
demo:
	@FAILOVER_DEMO_BEGUN=$$(date +%s.%N); export FAILOVER_DEMO_BEGUN; \
	$(PYTHON) -m tests.setup demo && exec $(BIN)/python -m demo $(ARGS)

# All that fits into 15 minutes, set-up included. A part of it: .venv/bin/pytest tests/unit
test:
	@$(PYTHON) -m tests.setup test
	@$(BIN)/python -m tests.checks
	@$(BIN)/python -m tests.lanes

# What takes longer; prints its figures as one JSON document.
campaign:
	@$(PYTHON) -m tests.setup test
	@$(BIN)/python -m tests.campaign $(ARGS)

# Figures: a table and JSON. A part of it: make bench ARGS="rivals --cuts 30"
bench:
	@$(PYTHON) -m tests.setup bench
	@$(BIN)/python -m tests.bench $(ARGS)

# What a called mobile, a caller and a desk phone hear, into build/prompts (asterisk/README.md, "Prompts").
# make prompts ARGS="--config /etc/failover/failover.toml --into /var/lib/asterisk/sounds"
prompts:
	@$(PYTHON) -m tests.setup prompts
	@$(BIN)/python -m router prompts --into build/prompts $(ARGS)

lint:
	@$(PYTHON) -m tests.setup dev
	@$(BIN)/python -m tests.checks

# What README.md shows of two tables: that of the states in the core, and that of the outcomes in the dialplan.
states:
	@$(PYTHON) -m tests.setup dev
	@$(BIN)/python docs/draw_states.py
	@$(BIN)/python docs/draw_outcomes.py

# The texts of the panel: collected from the sources, and compiled (router/panel/locale/README.md).
messages:
	@$(PYTHON) -m tests.setup dev
	@$(BIN)/python -m router.panel.locale

# requirements/*.txt from what is installed.
pins:
	@$(BIN)/python -m tests.setup.pins

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
