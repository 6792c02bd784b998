# make lab       set up, and open the start page in JupyterLab, in a copy that is yours to change
# make fresh     take notebooks (NAMES="7.2-conv-layer …") anew from the course, and keep yours
# make test      set up, and check helpers, answers and every stored output
# make outputs   run answers and notebooks (NAMES="7.2-conv-layer …") and store their outputs
# make refresh   the same for what was edited since the last commit, and what depends on it
# make mutate    make the claims of the answers false and see whether their evidence notices
# make site      make an HTML site of notebooks and answers, in site/
# make bench     measure helpers side by side with d2l
# make check     look for mistakes in code, types and links without running anything
# make faults    kill, interrupt and damage trainings many times and see what is lost
# make broken    break every training of the notebooks and see whether its outputs notice
# make seeds     repeat the recorded trainings (NAMES="7.6-lenet …") with other seeds
# make scale     train the networks (NAMES="7.6-lenet …") at the book's settings, for hours or days
# make matrix    run the notebooks with other threads, instructions, Pythons and packages
# make orders    run the notebooks' cells in other orders and see whether their outputs change

# The first Python on the path that the project supports.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin

.PHONY: lab fresh test outputs seeds scale bench check broken faults orders mutate refresh site \
	matrix

lab: .venv/complete
	$(BIN)/python -m tools.lab $(ARGS)

fresh: .venv/complete
	$(BIN)/python -m tools.lab fresh $(NAMES)

test: .venv/complete
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

outputs: .venv/complete
	$(BIN)/python -m tools.answers run $(NAMES)
	$(BIN)/python -m tools.notebooks embed $(NAMES)
	$(BIN)/python -m tools.notebooks run $(NAMES)

site: .venv/complete
	$(BIN)/python -m tools.kit site $(ARGS)

bench: .venv/complete
	$(BIN)/python -m benchmarks $(NAMES)

check: .venv/complete
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.links

faults: .venv/complete
	$(BIN)/python -m tests.faults

broken: .venv/complete
	$(BIN)/python -m tools.broken $(NAMES)

seeds: .venv/complete
	$(BIN)/python -m tools.seeds $(NAMES)

scale: .venv/complete
	$(BIN)/python -m tools.scale $(NAMES) $(ARGS)

orders: .venv/complete
	$(BIN)/python -m tools.orders $(NAMES)

matrix: .venv/complete
	$(BIN)/python -m tools.matrix $(ROWS) $(if $(NAMES),--notebooks $(NAMES)) $(ARGS)

refresh: .venv/complete
	$(BIN)/python -m tools.refresh $(NAMES)

mutate: .venv/complete
	$(BIN)/python -m tools.answers mutate $(NAMES)

.venv/complete: environment.yml pyproject.toml tools/environment.py
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11, 3.12 or 3.13 is needed and none was found. Install one, or name it:"; \
		echo "  make PYTHON=/path/to/python3.12 ..."; exit 1; fi
	$(PYTHON) tools/environment.py $(if $(LOCKED),--locked)
	@touch $@
