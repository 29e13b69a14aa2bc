# Every target sets up what it needs; `make help` lists them.
PY := .venv/bin/python
# A process of a node that compiles every module anew takes a third longer to start, and the tests start many.
export PYTHONDONTWRITEBYTECODE :=
.DEFAULT_GOAL := help
.PHONY: help setup develop run test test-all soak soak-package soak-kills soak-power soak-power-disk soak-disk soak-clock soak-simulation soak-versions soak-partitions soak-forks soak-load lint types contracts check clean messages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' Makefile

setup: .venv/.runtime ## install what running needs
develop: .venv/.develop ## install what the tests and checks need

.venv/.runtime: requirements/runtime.txt requirements/setup.txt pyproject.toml tools/setup.sh
	@sh tools/setup.sh runtime

.venv/.develop: .venv/.runtime requirements/develop.txt
	@sh tools/setup.sh develop

run: setup ## start two States' nodes and play the story (RUN_ONCE=1: end when it is verified)
	@$(PY) -m comity.demonstration

test: develop ## run the test suite
	@$(PY) -m pytest -m "not long" -n 3 --dist loadfile --no-loadscope-reorder

test-all: develop ## run everything, the long soaks too
	@$(PY) -m pytest

soak: develop ## play every rig of docs/reliability.md in its long form, an hour or two (ONLY="kills power"; Ctrl-C: the next)
	@$(PY) -m tests.faults.soak $(ONLY)

soak-package: setup ## seal and verify 50 GiB made up on the way (SIZE=… GiB, FOLDER=… with room for it)
	@$(PY) tools/soak.py --gib $(or $(SIZE),50) $(if $(FOLDER),--folder $(FOLDER))

soak-kills: develop ## kill a node at any call that changes its disk (COUNT=1000 SEED=…)
	@$(PY) -m tests.faults.rig kills --count $(or $(COUNT),1000) $(if $(SEED),--seed $(SEED))

soak-power: develop ## cut its power there (COUNT=1000 SEED=…)
	@$(PY) -m tests.faults.rig power --count $(or $(COUNT),1000) $(if $(SEED),--seed $(SEED))

soak-power-disk: develop ## the same with an ext4 file system of its own, where mounting is permitted (as root)
	@$(PY) -m tests.faults.rig power-disk --count $(or $(COUNT),1000) $(if $(SEED),--seed $(SEED))

soak-disk: develop ## fill its disk, or let it fail, there (COUNT=1000 SEED=…)
	@$(PY) -m tests.faults.rig disk --count $(or $(COUNT),1000) $(if $(SEED),--seed $(SEED))

soak-simulation: develop ## play five nodes, one of them dishonest, on a bad network (SEEDS=200 FIRST=0)
	@$(PY) -m tests.five_nodes.playing --seeds $(or $(SEEDS),200) --first $(or $(FIRST),0)

soak-clock: develop ## set the clock at any call that changes the disk (COUNT=1000 SEED=…)
	@$(PY) -m tests.faults.rig clock --count $(or $(COUNT),1000) $(if $(SEED),--seed $(SEED))

soak-versions: develop ## run a node of the release before beside one of this one, from this repository's history
	@$(PY) -m pytest -q -s -rs -m long tests/node/servers/test_versions.py

soak-partitions: develop ## break the lines between three running nodes (ROUNDS=50 SEED=…)
	@$(PY) -m tests.faults.partitions --count $(or $(ROUNDS),50) $(if $(SEED),--seed $(SEED))

soak-load: develop ## let a peer bring far more than it may to a node whose desk lists 10,000 cases (LETTERS=10000)
	@COMITY_LOAD=$(or $(LETTERS),10000) $(PY) -m pytest -q -s -m long tests/node/servers/test_load.py

soak-forks: develop ## rewrite a ledger and send everything again, a thousand times each
	@$(PY) -m pytest -q tests/unit/proofs/test_witnesses.py tests/node/exchange/test_witnesses.py tests/node/exchange/test_replays.py

lint: develop ## style and security (ruff carries bandit's rules as S)
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

types: develop ## static types
	@$(PY) -m tests.typed

contracts: develop ## which room may import which
	@.venv/bin/lint-imports

check: lint types contracts test ## all of the above

messages: develop ## collect the interface's strings into the catalogues
	@$(PY) tools/messages.py collect

clean: ## remove what was set up and what the demonstration left
	@rm -rf .venv .demonstration
