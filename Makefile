# Batuta. `make help` lists what there is.
SWIFT ?= swift
PORT ?= 7700
PROJECT ?= .batuta/hello
RELEASE := .build/release/batuta

.DEFAULT_GOAL := help
.PHONY: help bootstrap run test build web bench check format requirements soak

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

bootstrap: ## Install what is missing (Debian packages; root or sudo)
	@scripts/bootstrap

run: bootstrap build ## Build, start a server with the hello project on 127.0.0.1:7700
	@test -e $(PROJECT)/batuta.yaml || $(RELEASE) new $(PROJECT) --template hello
	@$(RELEASE) serve --project $(PROJECT) --port $(PORT)

build: bootstrap web ## Release build, the page included: .build/release/batuta
	@$(SWIFT) build -c release --product batuta

web: ## Build the page into Sources/Shims/CWeb/web.pack, which the next build takes in
	@web/build.sh

test: ## Install what is missing, build, run every test
	@scripts/bootstrap --tests
	@scripts/test

check: ## Formatting, warnings as errors, imports, shell scripts
	@scripts/bootstrap
	@scripts/check

format: ## Format the sources
	@$(SWIFT) format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift

bench: bootstrap ## Measure the numbers of the README against their floors
	@scripts/bench

requirements: ## Which requirements have a passing test
	@scripts/requirements

soak: ## The long form of the fault tests, with a table of faults and outcomes (SOAK_SECONDS bounds it)
	@scripts/bootstrap --tests
	@scripts/soak
