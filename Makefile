# IG Shop Auth. `make run` tries it out, `make test` proves it; without a target, the list.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=

# The Swift runtime goes into the program: an installed system needs no Swift.
RELEASE = swift build -c release --static-swift-stdlib -Xlinker -z -Xlinker now
SCRIPTS = .ci/install .ci/run .ci/try Tests/SystemTests/Containers/docker nginx/development/configure nginx/development/check nginx/development/run \
	Tests/FuzzTests/run Tests/Sanitizers/run Tests/SystemTests/Machine/secluded Tests/SystemTests/Machine/next-version systemd/after-stop \
	Sources/Connect/Element/make

# Tests at once that start programs; those of a hostile Instagram hold the program to its deadlines, beside little else.
FEW = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=6
HOSTILE = '(Misbehaviour|HTTP2|Certificate|ConnectionFault|GoneBrowser|Name|Trusted|Deadline)Tests'
BESIDE_LITTLE = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=2
# The package on a Debian that is booted for it, with a network of its own.
MACHINES = 'SystemTests\.MachineTests'
BOOTED = Tests/SystemTests/Machine/secluded

.DEFAULT_GOAL := help
.PHONY: help run build test soak bench deb next-version lint format install clean

help:
	@echo 'make run      the program, nginx and a stand-in for Instagram on http://localhost:8080 (PORT=, RUN_DIR=)'
	@echo 'make test     every test'
	@echo 'make soak     the long versions of the tests'
	@echo 'make bench    the benchmarks, a quarter of an hour (PART=life,restart,status,tokens,start_route,...)'
	@echo 'make build    the release programs, in .build/release'
	@echo 'make deb      the Debian package, in .build/deb'
	@echo 'make lint     formats and configuration files, without changing them'
	@echo 'make format   the sources, in place'
	@echo 'make install  the program and the nginx files (DESTDIR=, PREFIX=$(PREFIX))'
	@echo 'make clean    removes what was built, and the state of make run'

# The script takes make's place, so that Ctrl-C and a signal reach it.
run: build
	@BIN=.build/release exec nginx/development/run

build:
	@.ci/install
	$(RELEASE) --product ig-shop-auth
	$(RELEASE) --product instagram-stand-in

# swift test comes last: its closing lines are the result. Quiet, or what failed would stand a thousand lines above it.
# In parts: what plays with descriptors by itself, the years and the orders of events, which keep the machine busy, all
# other units, and what starts programs.
test:
	@.ci/install --test
	swift build --build-tests
	env -u SOAK -u SOAK_TABLE swift test --skip-build --quiet --filter '^(GatewayTests|TransferTests)'
	env -u SOAK -u SOAK_TABLE swift test --skip-build --quiet --filter 'YearsTests|OrderTests|ManyImportsTests'
	env -u SOAK -u SOAK_TABLE swift test --skip-build --quiet --skip '^(GatewayTests|TransferTests|SystemTests)|YearsTests|OrderTests|ManyImportsTests'
	env -u SOAK -u SOAK_TABLE $(BESIDE_LITTLE) swift test --skip-build --quiet --filter 'SystemTests\.'$(HOSTILE)
	$(MAKE) --no-print-directory deb next-version
	env -u SOAK -u SOAK_TABLE $(BOOTED) swift test --skip-build --quiet --filter $(MACHINES)
	env -u SOAK -u SOAK_TABLE $(FEW) swift test --skip-build --quiet --filter SystemTests \
		--skip 'SystemTests\.'$(HOSTILE) --skip $(MACHINES)

# Each test of the long kind leaves a row in the table, and so do the fuzzers and the sanitizers.
soak: export SOAK_TABLE = $(CURDIR)/.build/soak
soak:
	@.ci/install --test
	swift build --build-tests
	rm -f $(SOAK_TABLE)
	SOAK=1 swift test --skip-build --quiet --filter '^(GatewayTests|TransferTests)'
	SOAK=1 swift test --skip-build --quiet --filter 'YearsTests|OrderTests|ManyImportsTests'
	SOAK=1 swift test --skip-build --quiet --skip '^(GatewayTests|TransferTests|SystemTests)|YearsTests|OrderTests|ManyImportsTests'
	SOAK=1 $(BESIDE_LITTLE) swift test --skip-build --quiet --filter 'SystemTests\.'$(HOSTILE)
	$(MAKE) --no-print-directory deb next-version
	SOAK=1 $(BOOTED) swift test --skip-build --quiet --filter $(MACHINES)
	SOAK=1 $(FEW) swift test --skip-build --quiet --filter SystemTests --skip 'SystemTests\.'$(HOSTILE) --skip $(MACHINES)
	Tests/FuzzTests/run
	Tests/Sanitizers/run
	@printf '| what | how often | what came of it |\n| --- | ---: | --- |\n'; sort $(SOAK_TABLE)

bench: build
	@.ci/install --bench
	PART='$(PART)' Benchmarks/run

# debhelper leaves what it works on below debian/; dh_clean takes it away, before and after.
deb:
	@.ci/install --deb
	debian/rules clean
	debian/rules binary
	debian/rules clean
	lintian --fail-on error --allow-root .build/deb/*.deb

# What an upgrade is tested with: this tree with one more migration, under another number.
next-version:
	@Tests/SystemTests/Machine/next-version

lint:
	@.ci/install
	swift format lint --strict --recursive Package.swift Sources Tests
	for script in $(SCRIPTS); do bash -n "$$script" || exit 1; done
	nginx/development/check

format:
	swift format --in-place --recursive Package.swift Sources Tests

# The site file is the operator's once it is there. The stand-in is not installed.
install: $(if $(wildcard .build/release/ig-shop-auth),,build)
	install -D -m 755 .build/release/ig-shop-auth '$(DESTDIR)$(PREFIX)/bin/ig-shop-auth'
	install -d '$(DESTDIR)$(SYSCONFDIR)/nginx/conf.d' '$(DESTDIR)$(SYSCONFDIR)/nginx/snippets'
	install -m 644 nginx/conf.d/*.conf '$(DESTDIR)$(SYSCONFDIR)/nginx/conf.d'
	install -m 644 nginx/snippets/*.conf '$(DESTDIR)$(SYSCONFDIR)/nginx/snippets'
	test -e '$(DESTDIR)$(SYSCONFDIR)/nginx/sites-available/ig-shop-auth.conf' || install -D -m 644 \
		nginx/sites-available/ig-shop-auth.conf '$(DESTDIR)$(SYSCONFDIR)/nginx/sites-available/ig-shop-auth.conf'

clean:
	rm -rf .build .build-* .run
