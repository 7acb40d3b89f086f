# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Thin names over .tools/ and the sessions of noxfile.py. All it does itself is to build .venv with the pinned packages.

.DEFAULT_GOAL := help
.PHONY: help demo demo-aws demo-clean test bench engines clean

# The stamps carry the hash of the pins: a changed pin installs again, an unchanged one costs nothing.
PINS  := $(shell cat requirements/*.txt | cksum | cut -d' ' -f1)
VENV  := .venv
DEMO  := $(VENV)/.demo-$(PINS)
AWS   := $(VENV)/.aws-$(PINS)
CHECK := $(VENV)/.check-$(PINS)
PIP   := $(VENV)/bin/python -m pip --disable-pip-version-check --no-input install --quiet
NOX   := $(VENV)/bin/nox --session

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  One check alone, for example: .venv/bin/nox --session unit   (all of them: .venv/bin/nox --list)"

demo: $(DEMO) ## the whole job on this machine: backend, workspace, plan, apply, .env; no AWS account needed
	@$(VENV)/bin/python .tools/demo.py

demo-aws: $(AWS) ## five systems with the real AWS provider, in the same emulator; still no AWS account (a few minutes)
	@$(VENV)/bin/python .tools/demo.py --aws

demo-clean: $(DEMO) ## stop the emulator of the demo and remove all that it made
	@$(VENV)/bin/python .tools/demo.py --clean

test: $(CHECK) ## the checks and one summary, in about ten minutes (with CI=true every check there is)
	@$(VENV)/bin/python .tools/checks.py

bench: $(CHECK) ## the benchmark: processes, requests, time and memory against other ways to do the job
	@$(NOX) bench

engines: $(CHECK) ## build the oldest supported Terraform and OpenTofu for the tests (needs Go, about four minutes)
	@$(NOX) engines

clean: ## remove the virtual environments and caches; not what the demo made
	rm -rf .venv .nox .cache .ansible .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@python=$${PYTHON:-$$(.tools/find-python)} && echo "Building $(VENV) with $$python" && "$$python" -m venv $(VENV)

$(DEMO): | $(VENV)/bin/python
	@echo "Installing the pinned packages of requirements/demo.txt"
	@$(PIP) --requirement requirements/demo.txt
	@rm -f $(VENV)/.demo-* && touch $@

$(AWS): | $(VENV)/bin/python
	@echo "Installing the pinned packages of requirements/demo-aws.txt"
	@$(PIP) --requirement requirements/demo-aws.txt
	@rm -f $(VENV)/.demo-* $(VENV)/.aws-* && touch $(DEMO) $@

$(CHECK): | $(VENV)/bin/python
	@echo "Installing the pinned packages of requirements/check.txt"
	@$(PIP) --requirement requirements/check.txt
	@rm -f $(VENV)/.demo-* $(VENV)/.aws-* $(VENV)/.check-* && touch $(DEMO) $(AWS) $@
