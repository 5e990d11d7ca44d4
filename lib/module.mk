# libaugself: every .c of every floor. A kernel file NAME.isa.c is compiled once for each
# instruction set that kern/isa.h lists for the architecture that CC compiles for; the
# compiler vectorises plain loops, and may contract a*b+c there. generic is for any.
ISAS := $(or $(patsubst isa=%,%,$(filter isa=%,$(shell echo 'AS_ISA_EACH(SET)' | \
	$(CC) -E -P -Ilib -include kern/isa.h '-DSET(NAME,name)= isa=name' -x c - 2>/dev/null))),generic)
ISA_FLAGS_generic :=
ISA_FLAGS_avx2 := -mavx2 -mfma -ffp-contract=fast
ISA_FLAGS_avx512 := -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512 -ffp-contract=fast
# The architecture has NEON always; this one uses all of it.
ISA_FLAGS_neon := -DAS_NEON -ffp-contract=fast
# Nobody reads the exception flags: without them a choice between two floats can be vectorised.
OPT_kern := $(if $(filter release,$(CONFIG)),-O3) -fno-trapping-math
# Inner loops are counted as they come: threads may lose counts there.
OPT_kern += $(if $(filter cov,$(CONFIG)),-O2 -fprofile-update=single)

LIB_SRC := $(sort $(filter-out %.isa.c,$(wildcard lib/*/*.c)))
LIB_ISA := $(sort $(wildcard lib/kern/*.isa.c))
# Files whose maps can be bfloat16 are compiled once more for each set, and for the CPU's own products of them.
LIB_CELLS := $(patsubst %,lib/kern/%.isa.c,direct net winograd winograd_weights)
NARROW := $(ISAS:%=%_bf16) $(if $(filter avx512,$(ISAS)),native_bf16)
$(foreach isa,$(ISAS),$(eval ISA_FLAGS_$(isa)_bf16 = $$(ISA_FLAGS_$(isa)) -DAS_NARROW))
ISA_FLAGS_native_bf16 = $(ISA_FLAGS_avx512) -mavx512bf16 -DAS_NARROW
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o) $(foreach isa,$(ISAS),$(LIB_ISA:%.isa.c=$(B)/%.$(isa).o)) \
	$(foreach isa,$(NARROW),$(LIB_CELLS:%.isa.c=$(B)/%.$(isa).o))
LIB_A := $(B)/libaugself.a

# ABI: the name that programs remember. Before 1.0 a minor version may break what it promises.
SONAME := libaugself.so.$(basename $(VERSION))
LIB_SO := $(B)/libaugself.so.$(VERSION)

# Views are the same bytes on every instruction set: without contraction each value is
# the same operations in the same order, however many stand side by side.
FLAGS_pix := -ffp-contract=off
FLAGS_resize := $(FLAGS_pix)

# What reads MATLAB files, XML and archives knows whether there is a library for it, and is made again when there is.
$(B)/lib/data/mat.o: private LATE = $(LIB_LATE_matio)
$(B)/lib/data/xml.o: private LATE = $(LIB_LATE_expat)
$(B)/lib/stream/archive.o: private LATE = $(LIB_LATE_archive)
$(B)/lib/data/mat.o $(B)/lib/data/xml.o $(B)/lib/stream/archive.o: $(B)/libraries.mk

define isa_rule
$$(B)/lib/kern/%.$(1).o: lib/kern/%.isa.c $$(B)/flags
	$$(call say,CC,'$$< ($(1))')
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(all_cflags) $$(OPT_kern) $$(ISA_FLAGS_$(1)) $$(FLAGS_$$*) -DAS_ISA=$(1) -c -o $$@ $$<
endef
$(foreach isa,$(ISAS) $(NARROW),$(if $(filter undefined,$(origin ISA_FLAGS_$(isa))),$(error kern/isa.h lists $(isa): \
	say in lib/module.mk what ISA_FLAGS_$(isa) are))$(eval $(call isa_rule,$(isa))))

$(LIB_A): $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $^

# Seen from outside is what the public headers declare: every name in their code that is no tag, of which
# the linker takes those that the library defines.
$(B)/augself.names: $(wildcard lib/augself.h lib/*/*.h) | $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(CPPFLAGS) -Ilib -E -P lib/augself.h > $@
$(B)/augself.map: $(B)/augself.names lib/module.mk
	$(Q){ echo 'AUGSELF_$(basename $(VERSION)) {'; echo 'global:'; \
		sed -E 's/\<(struct|enum|union) +as_[a-z0-9_]+//g' $< | grep -oE '\<as_[a-z0-9_]+' | sort -u | sed 's/$$/;/'; \
		echo 'local: *;'; echo '};'; } > $@

$(LIB_SO): $(LIB_OBJ) $(B)/augself.map
	$(call say,LD,$@)
	$(Q)$(CC) -shared $(all_ldflags) -Wl,-soname,$(SONAME) -Wl,--version-script=$(B)/augself.map \
		-o $@ $(LIB_OBJ) $(LIBS)
	$(Q)ln -sf $(@F) $(B)/$(SONAME) && ln -sf $(SONAME) $(B)/libaugself.so

all: $(LIB_A) $(LIB_SO)
