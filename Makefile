# Everything runs in .venv, which the first target that needs it creates and later ones reuse.
PYTHON ?= python3
SOUND ?=
RUN := .venv/bin/python
INSTALLED := .venv/installed
export SOUND
# Keep freed memory: drawing allocates and frees the same big tensors all the time.
export MALLOC_MMAP_THRESHOLD_ := 4294967296
export MALLOC_TRIM_THRESHOLD_ := 4294967296

help:
	@echo "make demo                     edit some pictures by sounds, see build/demo/index.html"
	@echo "make demo SOUND=my/sound.wav  the same with a recording of your own"
	@echo "make test                     run the tests and all notebooks"
	@echo "make test-browser             drive lessons and Studio in a real JupyterLab (needs Chromium)"
	@echo "make lab                      open the notebooks in JupyterLab"
	@echo "make train                    make the shipped weights again, about an hour"
	@echo "make evaluate                 measure the edits and the mini world, see build/report.html"
	@echo "make lint                     check style and formatting"
	@echo "make fuzz                     feed 1000 strange files to all that reads files"
	@echo "make check                    what CI runs: lint, test and test-browser"
	@echo "make clean                    remove .venv and everything made"

demo: $(INSTALLED)
	@if [ -z "$$SOUND" ]; then set --; \
	elif [ -e "$$SOUND" ]; then set -- --sound "$$SOUND"; \
	else set -- --sound $$SOUND; fi; \
	$(RUN) -m sgim demo --out build/demo "$$@"

test: $(INSTALLED)
	$(RUN) -m pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg \
	    --ignore=tests/browser sgim tests $(wildcard notebooks/*.ipynb)

test-browser: $(INSTALLED)
	@if $(RUN) tests/browsers.py; then \
	    $(RUN) -c 'import notebook, playwright' 2>/dev/null || $(RUN) -m pip install -q \
	        --disable-pip-version-check --no-compile -c constraints.txt -e '.[browser]'; \
	    $(RUN) -m pytest -rs tests/browser; \
	fi

lab: $(INSTALLED)
	$(RUN) -m jupyterlab --notebook-dir notebooks

train: $(INSTALLED)
	$(RUN) -m sgim train all

evaluate: $(INSTALLED)
	$(MAKE) -j2 evaluate-claim evaluate-rest
	$(RUN) -m sgim report --html build/report.html

# Two at a time, on one thread each: threads of two processes would wait for each other.
evaluate-claim evaluate-rest: export OMP_NUM_THREADS := 1

evaluate-claim: $(INSTALLED)
	$(RUN) -m sgim evaluate --claim --out data/claim.json

evaluate-rest: $(INSTALLED)
	$(RUN) -m sgim evaluate --methods --out data/methods.json
	$(RUN) -m sgim evaluate --data mini --out data/downstream_mini.json

fuzz: $(INSTALLED)
	OMP_NUM_THREADS=1 $(RUN) tests/fuzz.py --keep build/fuzz

lint: $(INSTALLED)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

check: lint test test-browser

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	    { echo "$(PYTHON) must be Python 3.10 or newer: try make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "$(PYTHON) has no venv module: install it (Debian: apt install python3-venv)"; exit 1; }
	@$(RUN) -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@echo "Installing into .venv: some minutes the first time ..."
	@$(RUN) -m pip install --disable-pip-version-check --no-compile -c constraints.txt -e '.[dev]'
	@PYTHONDONTWRITEBYTECODE= $(RUN) -c 'import sgim.notebook.demo, sgim.notebook.studio'
	@touch $@

.PHONY: help demo test test-browser lab train evaluate evaluate-claim evaluate-rest fuzz lint check clean
