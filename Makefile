# augself: build, test, install. One make process; each folder's module.mk adds its part.
#
#   make                 library and programs        make demo     the main job, from nothing
#   make check           the tests                   make bench    speed, beside its peers
#   make install         DESTDIR= prefix=            make deps     what Debian must bring
#
#   CONFIG=release|debug|asan|tsan   V=1 (say the commands)   DEVELOPER=1 (warnings are errors)

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

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

all_cflags = $(CSTD) $(OPT) $(WARN) $(ERROR) -fPIC -pthread -MMD -MP -Ilib -DAS_VERSION='"$(VERSION)"' $(CPPFLAGS) $(CFLAGS)
LIBS := -lmsgpackc -ljansson -lxxhash -lpng -ljpeg -llbfgs -lopenblas -lm

.PHONY: all
all:

include $(sort $(wildcard lib/module.mk tools/module.mk tests/module.mk man/module.mk pipelines/module.mk))

$(B)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: clean
clean:
	rm -rf build
