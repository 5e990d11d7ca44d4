# Unit tests: tests/unit/X.c and tests/grad/X.c become programs that speak TAP; tests/cli/X.t
# are shell scripts that do. `make check` runs all of them under prove; TESTS= picks some.
UNIT_SRC := $(sort $(wildcard tests/unit/*.c tests/grad/*.c tests/golden/*.c))
UNIT := $(UNIT_SRC:%.c=$(B)/%.t)
# A fuzz target tests/fuzz/X.c is built with replay.c, which runs its corpus and changes of it.
FUZZ := $(patsubst %.c,$(B)/%.t,$(filter-out %/replay.c,$(sort $(wildcard tests/fuzz/*.c))))
TESTS ?= $(UNIT) $(FUZZ) $(sort $(wildcard tests/cli/*.t))

$(B)/tests/%.t: $(B)/tests/%.o $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(all_ldflags) -o $@ $(filter %.o,$^) $(LIB_A) $(LIBS)
# What looks at pixels has the kernels' reference beside it.
$(patsubst %,$(B)/tests/%.t,golden/aug golden/views unit/aug unit/pix): $(B)/tests/pix_ref.o
$(FUZZ): $(B)/tests/fuzz/%.t: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(all_ldflags) -o $@ $(filter %.o,$^) $(LIB_A) $(LIBS)

include tests/bench/module.mk

# tests/fault.c is preloaded by tests/cli/fault.t; a sanitizer would not let it.
FAULT_SO := $(if $(filter release debug cov,$(CONFIG)),$(B)/tests/fault.so)
$(B)/tests/fault.so: tests/fault.c $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 -fPIC -shared -Wall $(ERROR) -D_GNU_SOURCE -o $@ $<

# What tests/cli/network.t puts between machines, and into one of them.
NETWORK := $(if $(LIB_MPI_LINKS),$(B)/tests/cable $(if $(FAULT_SO),$(B)/tests/bitflip.so))
$(B)/tests/cable: tests/cable.c $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 -Wall $(ERROR) -o $@ $<
$(B)/tests/bitflip.so: tests/bitflip.c $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 -fPIC -shared -Wall $(ERROR) -D_GNU_SOURCE $(patsubst -I%,-isystem %,$(LIB_MPI_CFLAGS)) -o $@ $<

# What is compiled for another machine runs under EMULATOR, a qemu, by scripts of the programs' names:
#     make check CC=aarch64-linux-gnu-gcc B=build/aarch64 EMULATOR=qemu-aarch64-static
UNDER := $(if $(EMULATOR),$(B)/emulated,$(B))
EMULATED := $(if $(EMULATOR),$(patsubst $(B)/%,$(UNDER)/%,$(TOOLS) $(UNIT) $(FUZZ)))
$(B)/emulated/%: $(B)/%
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nexec %s -0 "$$0" %s "$$@"\n' '$(EMULATOR)' '$(abspath $<)' > $@ && chmod +x $@

.PHONY: check check-asan check-tsan cov tests lint tidy
tests: all $(UNIT) $(FUZZ) $(FAULT_SO) $(NETWORK)
check: tests $(EMULATED)
	$(if $(filter cov,$(CONFIG)),@find $(B) -name '*.gcda' -delete)
	@BUILD=$(abspath $(UNDER)) PATH=$(abspath $(UNDER))/bin:$$PATH MAKEFLAGS= prove -j$(JOBS) $(TESTS:$(B)/%=$(UNDER)/%)

check-asan:
	$(MAKE) CONFIG=asan check
check-tsan:
	$(MAKE) CONFIG=tsan check

# How many lines TESTS run; of one file, line by line: gcov -t build/cov/lib/FLOOR/NAME.gcda
cov:
	$(MAKE) CONFIG=cov check
	@gcov -n $$(find build/cov/lib build/cov/tools -name '*.gcno') 2>/dev/null | awk -f tests/coverage.awk

# Mistakes that clang-tidy knows, as .clang-tidy chooses.
TIDY_FLAGS := $(CSTD) -Ilib -DAS_ISA=generic '-DAS_GIT=""'
# (What speaks MPI is compiled only where that is.)
TIDY := $(patsubst %,tidy-%,$(sort $(wildcard lib/*/*.c) $(filter-out tools/ranks_mpi.c,$(wildcard tools/*.c))))
.PHONY: $(TIDY)
tidy: $(TIDY)
$(TIDY): tidy-%:
	$(call say,TIDY,$*)
	$(Q)clang-tidy --quiet $* -- $(TIDY_FLAGS) $(CPPFLAGS) $(LIB_CFLAGS) $(LIB_LATE_matio) $(LIB_LATE_expat) \
		$(LIB_LATE_archive) 2>/dev/null

# Scripts, man pages, blanks at line ends, spaces where a tab should be, lines too long to read (but not of
# tables that programs write). What begins with "#!" may be run, and nothing else.
SCRIPTS = $(wildcard .debian/build .debian/generate .debian/try .debian/tests/[lp]*) \
	$(wildcard .ci/run lib/*.sh man/site/*.sh tests/*.sh tests/bench/ranks tests/cli/*.t)
TEXTS = $(shell git ls-files | grep -vE '\.(png|bin|rec|npy|safetensors|gz|jpg|ppm|mat)$$|^LICENSE$$')
lint:
	$(Q)shellcheck -x $(SCRIPTS)
	$(if $(wildcard man/*.[1357]),mandoc -T lint -W warning $(wildcard man/*.[1357]))
	$(Q)set -e; for f in $(filter %.awk,$(TEXTS)); do gawk --lint=fatal -e 'BEGIN { exit } END { exit }' -f $$f; done
	@! grep -nE '[[:blank:]]+$$' $(TEXTS)
	@! grep -nE '^    +[^ *]' $(filter %.c %.h %.sh %.t,$(TEXTS))
	@! grep -nP '\r' $(TEXTS)
	@gawk -f tests/lint.awk $(filter-out tests/golden/%.txt %.tsv,$(TEXTS))
	@for f in $(TEXTS); do \
		script=1; runs=1; \
		[ "$$(head -c 2 $$f)" = '#!' ] || script=0; \
		[ -x $$f ] || runs=0; \
		[ $$script = $$runs ] || { echo "$$f: only what begins with #! is to be run: chmod"; exit 1; }; \
	done
