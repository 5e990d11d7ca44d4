# Unit tests: tests/unit/X.c and tests/grad/X.c become programs that speak TAP; tests/cli/X.t
# are shell scripts that do. `make check` runs all of them under prove.
UNIT_SRC := $(sort $(wildcard tests/unit/*.c tests/grad/*.c tests/golden/*.c))
UNIT := $(UNIT_SRC:%.c=$(B)/%.t)

$(B)/tests/%.t: $(B)/tests/%.o $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -pthread -Wl,--as-needed -o $@ $< $(LIB_A) $(LIBS)
.SECONDARY: $(UNIT_SRC:%.c=$(B)/%.o)

JOBS := $(shell nproc)
.PHONY: check tests
tests: all $(UNIT)
check: tests
	BUILD=$(abspath $(B)) PATH=$(abspath $(B))/bin:$$PATH prove -j$(JOBS) $(UNIT) $(sort $(wildcard tests/cli/*.t))
