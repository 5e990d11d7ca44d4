# Unit tests: tests/unit/X.c and tests/grad/X.c become programs that speak TAP; tests/cli/X.t
# are shell scripts that do. `make check` runs all of them under prove; TESTS= picks some.
UNIT_SRC := $(sort $(wildcard tests/unit/*.c tests/grad/*.c tests/golden/*.c))
UNIT := $(UNIT_SRC:%.c=$(B)/%.t)
TESTS ?= $(UNIT) $(sort $(wildcard tests/cli/*.t))

$(B)/tests/%.t: $(B)/tests/%.o $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(all_ldflags) -o $@ $< $(LIB_A) $(LIBS)
.SECONDARY: $(UNIT_SRC:%.c=$(B)/%.o)

.PHONY: check check-asan check-tsan tests lint
tests: all $(UNIT)
check: tests
	@BUILD=$(abspath $(B)) PATH=$(abspath $(B))/bin:$$PATH MAKEFLAGS= prove -j$(JOBS) $(TESTS)

check-asan:
	$(MAKE) CONFIG=asan check
check-tsan:
	$(MAKE) CONFIG=tsan check

# Scripts, man pages, blanks at line ends, spaces where a tab should be.
SCRIPTS = $(wildcard .ci/run tests/lib.sh tests/cli/*.t tests/*.sh pipelines/*.sh)
TEXTS = $(shell git ls-files | grep -vE '\.(png|bin|rec|npy|safetensors|gz|jpg|ppm)$$|^LICENSE$$')
lint:
	$(Q)shellcheck -x $(SCRIPTS)
	$(if $(wildcard man/*.[157]),mandoc -T lint -W warning $(wildcard man/*.[157]))
	@! grep -nE '[[:blank:]]+$$' $(TEXTS)
	@! grep -nE '^    +[^ *]' $(filter %.c %.h %.sh %.t,$(TEXTS))
	@! grep -nP '\r' $(TEXTS)
