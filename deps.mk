# What Debian must bring. `make demo` and `make check` fetch what is missing first;
# a plain `make` only says so. Where there is no dpkg, nothing counts as missing.
DEPS_BUILD := gcc libc6-dev libmsgpack-dev libjansson-dev libxxhash-dev libpng-dev \
	libjpeg62-turbo-dev liblbfgs-dev libopenblas-dev
DEPS_CHECK := perl mandoc
DEPS_CI := g++ shellcheck pkgconf python3-msgpack

# $(call missing,PACKAGES): those that are not installed.
missing = $(if $(shell command -v dpkg-query),$(filter-out $(shell dpkg-query -W \
	-f='$${db:Status-Status}/$${Package}\n' $(1) 2>/dev/null | sed -n 's,^installed/,,p'),$(1)))

FETCH_GOALS := demo check check-asan check-tsan tests deps deps-ci
DEPS_NEEDED := $(DEPS_BUILD) $(if $(filter check% tests deps%,$(MAKECMDGOALS)),$(DEPS_CHECK)) \
	$(if $(filter deps-ci,$(MAKECMDGOALS)),$(DEPS_CI))
MISSING := $(if $(filter-out clean uninstall lint,$(or $(MAKECMDGOALS),all)),$(call missing,$(DEPS_NEEDED)))
# An order-only prerequisite of everything that is compiled.
DEPS := $(if $(MISSING),$(if $(filter $(FETCH_GOALS),$(MAKECMDGOALS)),deps))
ifneq ($(MISSING),)
ifeq ($(DEPS),)
$(warning these packages are missing, `make deps` installs them: $(MISSING))
endif
endif

APT := apt-get install -y --no-install-recommends
.PHONY: deps deps-ci
deps-ci: deps
deps:
ifneq ($(MISSING),)
	@if [ "$$(id -u)" = 0 ]; then as=; \
	elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true; } 2>/dev/null; then as=sudo; \
	else echo 'These packages are missing; install them with'; \
		echo '    su -c "apt-get update && $(APT) $(strip $(MISSING))"'; exit 1; fi; \
	set -e; echo '  DEPS   $(strip $(MISSING))'; \
	$$as apt-get update -q; \
	$$as env DEBIAN_FRONTEND=noninteractive $(APT) -q $(MISSING)
endif
