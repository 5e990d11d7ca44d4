# augself: build, test, install. One make process; each folder's module.mk adds its part.
#
#   make                 library and programs        make demo     the main job, from nothing
#   make check           the tests                   make lint     scripts, man pages, blanks
#   make check-asan      the tests, with sanitizers  make deps     what Debian must bring
#   make install         DESTDIR= prefix=            make uninstall
#
#   CONFIG=release|debug|asan|tsan   V=1 (say the commands)   DEVELOPER=1 (warnings are errors)
#   CPPFLAGS CFLAGS LDFLAGS are added to our own.

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
JOBS := $(shell nproc)
MAKEFLAGS += --no-builtin-rules -j$(JOBS)

VERSION := 0.1.0
CONFIG ?= release
B := build/$(CONFIG)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

CC = gcc
CSTD := -std=c11 -D_POSIX_C_SOURCE=200809L -ffp-contract=off
WARN := -Wall -Wextra -Wcast-qual -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wpointer-arith -Wvla -Wformat=2 -Winit-self -Wwrite-strings -Wredundant-decls
OPT_release := -O2 -g
OPT_debug := -O0 -g3
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan := -O1 -g -fsanitize=thread
OPT := $(or $(OPT_$(CONFIG)),$(error CONFIG=$(CONFIG): release, debug, asan or tsan))
ERROR := $(if $(DEVELOPER),-Werror)

own_cflags = $(CSTD) $(OPT) $(WARN) -fPIC -pthread -MMD -MP -Ilib -DAS_VERSION='"$(VERSION)"'
all_cflags = $(own_cflags) $(ERROR) $(CPPFLAGS) $(CFLAGS)
all_ldflags = $(OPT) $(LDFLAGS) -pthread -Wl,--as-needed
LIBS := -lmsgpackc -ljansson -lxxhash -lpng -ljpeg -llbfgs -lopenblas -lm

.PHONY: all
all:

include deps.mk
include $(sort $(wildcard lib/module.mk tools/module.mk tests/module.mk man/module.mk pipelines/module.mk))
include install.mk

# What objects are made with, beside their sources: a change of flags makes them again.
$(B)/flags: export AS_FLAGS = $(CC) $(own_cflags) $(OPT_kern) $(CPPFLAGS) $(CFLAGS) | $(all_ldflags) $(LIBS)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$AS_FLAGS" | cmp -s - $@ || printf '%s\n' "$$AS_FLAGS" > $@
.PHONY: FORCE
FORCE:

$(B)/%.o: %.c $(B)/flags | $(DEPS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: clean
clean:
	rm -rf build
