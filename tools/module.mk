# The programs: one .c each, linked statically against our library, so that a
# program loads only the shared libraries it uses.
TOOL_SRC := $(sort $(filter-out tools/common.c,$(wildcard tools/*.c)))
TOOLS := $(TOOL_SRC:tools/%.c=$(B)/bin/%)

$(B)/bin/%: $(B)/tools/%.o $(B)/tools/common.o $(LIB_A)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -pthread -Wl,--as-needed -o $@ $(filter %.o,$^) $(LIB_A) $(LIBS)

all: $(TOOLS)
.SECONDARY: $(TOOL_SRC:%.c=$(B)/%.o)
