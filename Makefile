# augself: build, test, install. One make process; each folder's module.mk adds its part.
#
#   make                 library and programs        make demo     the main job, from nothing
#   make check           the tests                   make lint     scripts, man pages, widths
#   make check-asan      the tests, with sanitizers  make deps     what Debian must bring
#   make cov             lines that the tests run    make tidy     what clang-tidy finds
#   make bench           speed, beside others        make bench-peers   installs these
#   make install         DESTDIR= prefix=            make uninstall
#   make site            manual pages, the demo's report and pictures for a browser, in build/site/
#   make dist            a tarball in build/         make distcheck   ... built, tested, installed
#   make deb             Debian's packages, in build/deb
#
#   CONFIG=release|debug|asan|tsan|cov   V=1 (say the commands)   DEVELOPER=1 (warnings are errors)
#   CPPFLAGS CFLAGS LDFLAGS are added to our own, PKG_CONFIG is asked for libraries. -j is as many
#   jobs as CPUs unless it is given.

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

# As many jobs as CPUs, but where the caller says: what he typed and what make above us passed
# on, which MAKEFLAGS tells only when all is read.
CPUS := $(shell sh pipelines/cpus.sh)
TYPED := $(shell { tr '\0' '\n' </proc/$$PPID/cmdline; printf '%s\n' $$MAKEFLAGS; } 2>/dev/null | \
	grep -E '^(-[A-Za-z]*j|--jobs)')
# -n, where it is given, stands among the first letters.
DRY := $(findstring n,$(filter-out x-%,$(firstword x$(MAKEFLAGS))))
MAKEFLAGS += --no-builtin-rules $(if $(TYPED),,-j$(CPUS))
# In a recipe: how many that is.
JOBS = $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),$(CPUS))

# As base/version.h says.
VERSION := $(shell sed -n 's/^.define AS_VERSION "\(.*\)"/\1/p' lib/base/version.h)
CONFIG ?= release
B := build/$(CONFIG)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

CC = gcc
# Tools of a compiler for another machine carry its prefix.
AR = $(if $(filter %-gcc,$(CC)),$(CC:%gcc=%ar),ar)
PKG_CONFIG = $(if $(filter %-gcc,$(CC)),$(CC:%gcc=%pkg-config),pkg-config)
CSTD := -std=c11 -D_POSIX_C_SOURCE=200809L -ffp-contract=off
WARN := -Wall -Wextra -Wcast-qual -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wpointer-arith -Wvla -Wformat=2 -Winit-self -Wwrite-strings -Wredundant-decls
OPT_release := -O2 -g
OPT_debug := -O0 -g3
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan := -O1 -g -fsanitize=thread
# Counts of lines, by threads too; behind its counters the compiler sees no ranges of numbers.
OPT_cov := -O1 -g --coverage -fprofile-update=atomic -Wno-format-truncation
OPT := $(or $(OPT_$(CONFIG)),$(error CONFIG=$(CONFIG): release, debug, asan, tsan or cov))
ERROR := $(if $(DEVELOPER),-Werror)

own_cflags = $(CSTD) $(OPT) $(WARN) -fPIC -pthread -MMD -MP -Ilib
# LATE is of the files that load a library when it is first needed.
LATE :=
all_cflags = $(own_cflags) $(ERROR) $(CPPFLAGS) $(LIB_CFLAGS) $(LATE) $(CFLAGS)
all_ldflags = $(OPT) $(LDFLAGS) -pthread -Wl,--as-needed
# OpenBLAS is not linked: kern/blas.c loads it.
LIBS = $(LIB_LINKS) -ldl -lm

.PHONY: all
all:

# --- deps ---
# What the system must bring. `make demo` and `make check` fetch what is missing first, by
# Debian's names; a plain `make` only says so. A library is there when pkg-config or the compiler
# finds it (lib/libraries.sh has the table), a program when PATH has it: whoever put it there. Those that
# are loaded late are optional, and only tests fetch them.
DEPS_SITE := mandoc:mandoc
DEPS_CHECK := prove:perl mandoc:mandoc tidy:tidy gawk:gawk pkill:procps
# For lint and CI.
DEPS_CI := g++:g++ clang:clang clang-tidy:clang-tidy busybox:busybox shellcheck:shellcheck pkg-config:pkg-config \
	mpirun:openmpi-bin ip:iproute2
# For Debian's packages; their tools and what dpkg wants to have seen installed.
PACKAGES_DEB := build-essential debhelper lintian mandoc tidy gawk pkg-config mpi-default-dev
# For the peers of `make bench`: an environment for Python, a compiler for PyTorch's, liblinear.
DEPS_PEERS := g++:g++
PACKAGES_CI := python3-msgpack python3-numpy $(if $(LIB_MPI_LINKS),,libopenmpi-dev)
PACKAGES_PEERS := python3-venv python3-dev liblinear-dev

# $(call absent,PROGRAM:PACKAGE ...): packages of programs that are not there.
absent = $(foreach p,$(1),$(if $(shell command -v $(firstword $(subst :, ,$(p))) 2>/dev/null),,$(lastword $(subst :, ,$(p)))))
# $(call missing,PACKAGES): those that dpkg, where there is one, has not installed.
missing = $(if $(shell command -v dpkg-query 2>/dev/null),$(filter-out $(shell dpkg-query -W \
	-f='$${db:Status-Status}/$${Package}\n' $(1) 2>/dev/null | sed -n 's,^installed/,,p'),$(1)))

# Goals that compile; installing does where nothing is built.
BUILDING := $(filter-out clean uninstall lint dist distcheck $(if $(wildcard $(B)/built),install),$(or $(MAKECMDGOALS),all))
FETCH_GOALS := demo site check check-asan check-tsan cov tests deps deps-ci bench-peers deb
goals_have = $(filter $(1),$(MAKECMDGOALS))
-include $(B)/libraries.mk
MISSING := $(if $(BUILDING),$(strip $(LIB_MISSING) \
	$(if $(call goals_have,check% cov tests deps% bench% deb),$(call absent,$(DEPS_CHECK)) \
		$(if $(EMULATOR),,$(LIB_LATE_MISSING))) \
	$(if $(call goals_have,site),$(call absent,$(DEPS_SITE))) \
	$(if $(call goals_have,deps-ci),$(call absent,$(DEPS_CI)) $(call missing,$(PACKAGES_CI))) \
	$(if $(call goals_have,deb),$(call missing,$(PACKAGES_DEB))) \
	$(if $(call goals_have,bench-peers),$(call absent,$(DEPS_PEERS)) $(call missing,$(PACKAGES_PEERS)))))
# A prerequisite of the list of libraries, so that what was fetched is found; never for -n.
DEPS := $(if $(DRY),,$(if $(MISSING),$(if $(call goals_have,$(FETCH_GOALS)),deps)))
# Otherwise $(B)/flags says it, when the list is as of now.
ifneq ($(and $(DRY),$(MISSING)),)
$(warning these packages are missing, `make deps` installs them: $(MISSING))
endif

# Made before all else, and make begins again when it changed.
ifneq ($(BUILDING),)
$(B)/libraries.mk: export AS_ENV = CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' PKG_CONFIG='$(PKG_CONFIG)'
$(B)/libraries.mk: lib/libraries.sh FORCE | $(DEPS)
	@mkdir -p $(@D)
	@eval "export $$AS_ENV" && sh lib/libraries.sh > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
endif

APT := apt-get install -y --no-install-recommends
.PHONY: deps deps-ci
deps-ci: deps
# Who cannot fetch them asks somebody who can: the list is not kept, so that what came then is seen.
deps:
ifneq ($(MISSING),)
	@rm -f $(B)/libraries.mk; \
	if ! command -v apt-get >/dev/null; then \
		echo 'These packages are missing, in the names that Debian has for them: $(MISSING)'; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as=; \
	elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true; } 2>/dev/null; then as=sudo; \
	else echo 'These packages are missing; install them with'; \
		echo '    su -c "apt-get update && $(APT) $(MISSING)"'; exit 1; fi; \
	set -e; echo '  DEPS   $(MISSING)'; \
	$$as apt-get update -q; \
	$$as env DEBIAN_FRONTEND=noninteractive $(APT) -q $(MISSING)
endif

# Public is what augself.h names.
HEADERS := lib/augself.h $(addprefix lib/,$(shell sed -n 's/^#include "\(.*\)"/\1/p' lib/augself.h))
include lib/module.mk tools/module.mk tests/module.mk pipelines/module.mk man/module.mk
# --- install ---
# install, uninstall: programs, library, headers, pkg-config file, man pages, pipelines, completion, schemas,
# the module for Python and an example. It copies: what was built by one user and with his settings is not built
# again by root without them. `all` comes first only where something is missing, or asked for
# beside (make check install).
prefix ?= /usr/local
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
libdir ?= $(exec_prefix)/lib
includedir ?= $(prefix)/include
mandir ?= $(prefix)/share/man
datadir ?= $(prefix)/share
docdir ?= $(datadir)/doc/augself
pkgconfigdir ?= $(libdir)/pkgconfig
INSTALL ?= install
# Where the shells look for completion.
bash_dir := bash-completion/completions
zsh_dir := zsh/site-functions
fish_dir := fish/vendor_completions.d

MAN := $(sort $(wildcard man/*.[157]))
# Two programs with one page.
MAN_LINK := $(if $(filter %/ssl-train-mpi,$(TOOLS)),ssl-train-mpi.1)
PIPELINES := $(sort $(wildcard pipelines/*.mk pipelines/*.awk pipelines/*.sh pipelines/*.tsv pipelines/*.policy))
PIPELINES := $(filter-out pipelines/module.mk,$(PIPELINES))
DOCS := README.md LICENSE $(sort $(wildcard schemas/*.md examples/*.c examples/*.png))

# $(call put,MODE,FILES,DIR)
put = $(if $(strip $(2)),$(INSTALL) -d '$(DESTDIR)$(3)' && $(INSTALL) -m $(1) $(2) '$(DESTDIR)$(3)',:)
# $(call in_dir,DIR/,FILES): those right in DIR.
in_dir = $(foreach f,$(2),$(if $(filter $(1),$(dir $(f))),$(f)))
# Headers of lib/FLOOR/ include "floor/name.h", as seen from lib/. Who uses the installed ones has only the
# folder above augself/ on his path, so that our base/text.h cannot be taken for his: there they include
# one another relative to where they lie.
put_header = sed 's|^\#include "\([^"]*\)"|\#include "$(if $(filter lib/augself.h,$(1)),,../)\1"|' $(1) > '$(2)' && chmod 644 '$(2)'
put_headers = $(INSTALL) -d '$(DESTDIR)$(includedir)/augself/$(1:lib/%=%)' $(foreach h,$(call in_dir,$(1),$(HEADERS)),&& \
	$(call put_header,$(h),$(DESTDIR)$(includedir)/augself/$(h:lib/%=%)))

# What is private: what a static link needs, and what the headers do not; under the names that
# were found here.
COMMA := ,
SPACE := $(subst ,, )
define PC
prefix=$(prefix)
exec_prefix=$(exec_prefix)
libdir=$(libdir)
includedir=$(includedir)

Name: augself
Description: augmentation-aware self-supervised learning
Version: $(VERSION)
Requires.private: $(subst $(SPACE),$(COMMA) ,$(strip $(LIB_PC)))
Libs: -L$${libdir} -laugself
Libs.private: $(LIB_PLAIN) -ldl -lm -pthread
Cflags: -I$${includedir}
endef

BUILT := $(LIB_A) $(LIB_SO) $(TOOLS) $(COMPLETION) $(LIBRARY_PAGES)
all: $(B)/built
$(B)/built: $(BUILT)
	@touch $@
FIRST := $(if $(filter-out $(wildcard $(BUILT)),$(BUILT))$(filter-out install,$(MAKECMDGOALS)),all)
NEWER = $(if $(FIRST),,$(shell find lib tools -name '*.[ch]' -newer $(B)/built))

# Before anything is written: whether it can be.
define MINE
at='$(DESTDIR)$(bindir)'; while [ ! -e "$$at" ]; do at=$$(dirname "$$at"); done; [ -d "$$at" ] && [ -w "$$at" ] || { \
	echo "install: you may not write into $$at: install as root, or into a folder of yours: make install prefix=\$$HOME/.local"; \
	exit 1; }
endef

.PHONY: install uninstall dist distcheck
install: export AS_PC = $(PC)
install: $(FIRST)
	$(if $(NEWER),$(error $(firstword $(NEWER)) is newer than what was built: run make first))
	@$(MINE)
	$(call put,755,$(TOOLS),$(bindir))
	$(call put,644,$(LIB_A) $(LIB_SO),$(libdir))
	ln -sf $(notdir $(LIB_SO)) '$(DESTDIR)$(libdir)/$(SONAME)'
	ln -sf $(SONAME) '$(DESTDIR)$(libdir)/libaugself.so'
	set -e; $(foreach d,$(sort $(dir $(HEADERS))),$(call put_headers,$(d));)
	$(INSTALL) -d '$(DESTDIR)$(pkgconfigdir)'
	printf '%s\n' "$$AS_PC" > '$(DESTDIR)$(pkgconfigdir)/augself.pc' && chmod 644 '$(DESTDIR)$(pkgconfigdir)/augself.pc'
	set -e; $(foreach s,1 5 7,$(call put,644,$(filter %.$(s),$(MAN)),$(mandir)/man$(s));)
	$(if $(MAN_LINK),ln -sf ssl-train.1 '$(DESTDIR)$(mandir)/man1/$(MAN_LINK)')
	$(call put,644,$(LIBRARY_PAGES),$(mandir)/man3)
	$(call put_links,$(DESTDIR)$(mandir)/man3)
	$(call put,644,$(filter-out %.sh,$(PIPELINES)),$(datadir)/augself/pipelines)
	$(call put,755,$(filter %.sh,$(PIPELINES)),$(datadir)/augself/pipelines)
	set -e; $(foreach s,bash zsh fish,$(call put,644,$(filter $(B)/completion/$(s)/%,$(COMPLETION)),$(datadir)/$($(s)_dir));)
	$(call put,644,schemas/augself.py schemas/augself_torch.py,$(datadir)/augself)
	set -e; $(foreach d,$(sort $(dir $(DOCS))),$(call put,644,$(call in_dir,$(d),$(DOCS)),$(docdir)/$(d:./=));)
	$(if $(DESTDIR),,@PKG_CONFIG='$(PKG_CONFIG)' sh lib/notes.sh '$(bindir)' '$(libdir)' '$(pkgconfigdir)' '$(SONAME)')

# The tree of the last commit, which .commit names in it; the same bytes whenever it is made. distcheck does
# with it what whoever gets it does.
TARBALL := build/augself-$(VERSION).tar.gz
dist:
	@mkdir -p $(dir $(TARBALL))
	git archive --prefix=augself-$(VERSION)/ HEAD | gzip -9n > $(TARBALL)
distcheck: dist
	sh tests/distcheck.sh $(TARBALL)

include .debian/module.mk

uninstall:
	rm -f $(foreach t,$(TOOLS),'$(DESTDIR)$(bindir)/$(notdir $(t))') \
		$(foreach l,libaugself.a libaugself.so $(SONAME) $(notdir $(LIB_SO)),'$(DESTDIR)$(libdir)/$(l)') \
		'$(DESTDIR)$(pkgconfigdir)/augself.pc' \
		$(LIBRARY_PAGES:$(PAGES_DIR)/%='$(DESTDIR)$(mandir)/man3/%') \
		$(foreach m,$(MAN),'$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))') \
		$(MAN_LINK:%='$(DESTDIR)$(mandir)/man1/%') $(DOCS:%='$(DESTDIR)$(docdir)/%') \
		$(foreach s,bash zsh fish,$(patsubst $(B)/completion/$(s)/%,'$(DESTDIR)$(datadir)/$($(s)_dir)/%',\
			$(filter $(B)/completion/$(s)/%,$(COMPLETION))))
	$(call drop_links,$(DESTDIR)$(mandir)/man3)
	rm -rf '$(DESTDIR)$(includedir)/augself' '$(DESTDIR)$(datadir)/augself'
	-rmdir $(foreach d,schemas examples .,'$(DESTDIR)$(docdir)/$(d:.=)') 2>/dev/null

include man/site/module.mk
# --- build ---

# What objects are made with, beside their sources: a change of flags makes them again.
$(B)/flags: export AS_FLAGS = $(CC) $(own_cflags) $(OPT_kern) $(CPPFLAGS) $(LIB_CFLAGS) $(CFLAGS) | $(all_ldflags) $(LIBS)
$(B)/flags: FORCE
	@[ -z '$(LIB_MISSING)' ] || { echo 'These packages are missing, `make deps` installs them: $(LIB_MISSING)'; exit 1; }
	@mkdir -p $(@D)
	@printf '%s\n' "$$AS_FLAGS" | cmp -s - $@ || printf '%s\n' "$$AS_FLAGS" > $@
.PHONY: FORCE
FORCE:

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: clean
clean:
	rm -rf build
