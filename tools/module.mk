# The programs: one .c each, linked statically against our library, so that a
# program loads only the shared libraries it uses; with them what all of them share
# (COMMON), and what the probes do.
COMMON := $(patsubst %,tools/%.c,bad common message options output progress relay terminal)
RANKS := $(wildcard tools/ranks_*.c)
SHARED := $(COMMON) tools/probe.c tools/screen.c tools/batches.c tools/ending.c tools/pulse.c $(RANKS)
TOOL_SRC := $(sort $(filter-out $(SHARED),$(wildcard tools/*.c)))
TOOLS := $(TOOL_SRC:tools/%.c=$(B)/bin/%)

# The trainer twice: alone, and where MPI is, as one of several ranks.
$(B)/bin/ssl-train: $(B)/tools/ranks_alone.o
ifneq ($(LIB_MPI_LINKS),)
TOOLS += $(B)/bin/ssl-train-mpi
$(B)/bin/ssl-train-mpi: $(patsubst %,$(B)/tools/%.o,ssl-train batches ending pulse ranks_mpi) $(COMMON:%.c=$(B)/%.o) $(LIB_A)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_ldflags) -o $@ $(filter %.o,$^) $(LIB_A) $(LIBS) $(LIB_MPI_LINKS)
$(B)/tools/ranks_mpi.o: private LATE = $(patsubst -I%,-isystem %,$(LIB_MPI_CFLAGS))
endif

$(B)/bin/%: $(B)/tools/%.o $(COMMON:%.c=$(B)/%.o) $(LIB_A)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_ldflags) -o $@ $(filter %.o,$^) $(LIB_A) $(LIBS)

# What scores features: a line each.
PROBES += augprobe
PROBES += fewshot
PROBES += knnprobe
PROBES += linprobe
$(PROBES:%=$(B)/bin/%): $(B)/tools/probe.o
# What draws on a whole terminal.
$(B)/bin/log-view: $(B)/tools/screen.o
# How a training ends before it is done; which batches fit.
$(B)/bin/ssl-train: $(B)/tools/batches.o $(B)/tools/ending.o

# --version names the commit, where there is one to name: of this checkout, or of the tarball
# that .commit came with; a repository further up is not ours. Where git may not look (root in
# another's tree) stands what the owner wrote.
$(B)/git.h: FORCE
	@mkdir -p $(@D)
	@id=; \
	if [ -e .git ]; then id=$$(git describe --always --dirty 2>/dev/null) || [ ! -e $@ ] || exit 0; \
	else id=$$(grep -v Format .commit 2>/dev/null) || id=; fi; \
	echo "#define AS_GIT \"$$id\"" | cmp -s - $@ || echo "#define AS_GIT \"$$id\"" > $@
$(B)/tools/options.o: $(B)/git.h
$(B)/tools/options.o: private CPPFLAGS += -include $(B)/git.h

all: $(TOOLS)

# Completion for three shells, from the option tables and lists of the programs, which are run for it: not
# where they are for another machine and there is no EMULATOR.
COMPLETION := $(if $(or $(EMULATOR),$(filter-out %-gcc,$(CC))),$(foreach t,$(notdir $(TOOLS)), \
	$(B)/completion/bash/$(t) $(B)/completion/zsh/_$(t) $(B)/completion/fish/$(t).fish))
complete = @mkdir -p $(@D); { $(EMULATOR) $< --options; echo; $(EMULATOR) $< --list 2>/dev/null || :; } | \
	awk -v shell=$(1) -v program=$(<F) -f tools/completion.awk > $@
$(B)/completion/bash/%: $(B)/bin/% tools/completion.awk
	$(call complete,bash)
$(B)/completion/zsh/_%: $(B)/bin/% tools/completion.awk
	$(call complete,zsh)
$(B)/completion/fish/%.fish: $(B)/bin/% tools/completion.awk
	$(call complete,fish)
all: $(COMPLETION)
