# What every pipeline shares. A pipeline is a makefile whose targets are the artefacts of
# an experiment; OUT is the folder they lie in. Each appears whole, by rename, so what was
# killed is made again, and what is there is not.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.DEFAULT_GOAL := all
# -n, where it is given, stands among the first letters.
DRY := $(findstring n,$(filter-out x-%,$(firstword x$(MAKEFLAGS))))
MAKEFLAGS += --no-builtin-rules
export LC_ALL := C
# Runs beside each other, as with -j2, are told apart by the target that they make.
export AUGSELF_NAME = $(patsubst $(OUT)/%,%,$@)

# The programs: from a checkout its own build, otherwise those in PATH.
HERE := $(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))
BIN ?= $(wildcard $(HERE)/../build/release/bin)
export PATH := $(if $(BIN),$(realpath $(BIN)):)$(PATH)

# What make takes for its own, for texts.
, := ,
empty :=
tab := $(empty)	$(empty)
define nl


endef
.PHONY: all FORCE
all:
FORCE:

# What is asked for must exist: said at once, not after hours.
ifneq ($(METHODS),)
known.methods := $(shell PATH='$(PATH)' ssl-train --list 2>/dev/null | sed -n '/^methods/,/^heads/s/^  \([^ :]*\):.*/\1/p')
$(foreach m,$(METHODS),$(if $(filter $(m),$(or $(known.methods),$(m))),,$(error \
	METHODS=$(m): no such method; there are $(known.methods)$(if $(findstring $(,),$(m)),$(,) with blanks between))))
endif
letters = $(subst 0,,$(subst 1,,$(subst 2,,$(subst 3,,$(subst 4,,$(subst 5,,$(subst 6,,$(subst 7,,$(subst 8,,$(subst 9,,$(1)))))))))))
$(foreach s,$(SEEDS),$(if $(call letters,$(s)),$(error SEEDS=$(s): seeds are whole numbers, as in SEEDS="0 1 2")))
$(foreach v,EPOCHS BATCH GRAINS SIZE,$(if $(filter command environment,$(origin $(v))),$(foreach n,$($(v)),$(if $(call letters,$(n)),\
	$(error $(v)=$(n): a whole number is expected)))))
# A name with an s too few or too many would change nothing.
$(foreach v,METHOD:METHODS $(if $(SEEDS),$(if $(filter methods,$(NAME)),,SEED:SEEDS)) EPOCH:EPOCHS IMAGE:IMAGES DATASET:DATA DATASETS:DATA,\
	$(if $(findstring \
	command,$(origin $(firstword $(subst :, ,$(v))))),$(error $(subst :,: no such setting here; it is ,$(v)))))

# $(call whole,COMMANDS): a recipe whose standard output becomes the target.
define whole
@echo '  $@'
@mkdir -p $(@D)
@$(1) > $@.part
@mv -f $@.part $@
endef

# Settings are an artefact too, so that other settings make everything again: $(call remember,FILE,TEXT[,COMMAND]),
# for eval. COMMAND is what else must then go. (Compared here, not in a recipe, so that -n is true.)
define remember
remembered.$(1) := $(strip $(2))
ifneq "$(strip $(2))" "$(strip $(file <$(1)))"
$(1): FORCE
endif
$(1):
	@mkdir -p $$(@D)
	$(if $(3),@$(3))
	$$(call whole,echo '$$(remembered.$$@)')
endef
# The values of all KNOBS, of a pipeline whose parts all depend on them. States of other values would be refused.
SETTINGS = $(foreach v,$(sort $(KNOBS)),$(v)=$(strip $($(v))))
$(if $(KNOBS),$(eval $(call remember,$(OUT)/settings,$(SETTINGS),find $(OUT) -name state -exec rm -f {} +)))

# TIME_LIMIT=3:50:00, from when make began, or slurm, the end of the job: a training that would take longer ends at
# a state, and make with it. That the same make goes on, and that nothing is wrong, OUT/go-on tells scripts.
began := $(if $(TIME_LIMIT),$(shell date +%s))
# Not every Slurm tells its jobs when they end.
ifeq ($(TIME_LIMIT)$(SLURM_JOB_END_TIME),slurm)
SLURM_JOB_END_TIME := $(shell date -d "$$(squeue -h -j $$SLURM_JOB_ID -o %e)" +%s 2>/dev/null)
$(if $(SLURM_JOB_END_TIME),,$(error TIME_LIMIT=slurm: this is no job of Slurm$(,) or squeue does not say when it ends; a length of \
	time is TIME_LIMIT=3:50:00))
export SLURM_JOB_END_TIME
endif
in_time = $(if $(TIME_LIMIT),--time-limit $(TIME_LIMIT)$(if $(filter slurm,$(TIME_LIMIT))$(findstring @,$(TIME_LIMIT)),,@$(began)))
go_on = || { s=$$?; [ $$s != 75 ] || { : > $(OUT)/go-on; \
	echo '  $@ is not done$(if $(TIME_LIMIT), in TIME_LIMIT=$(TIME_LIMIT)): the same make goes on from where it is' >&2; }; exit $$s; }
trains := $(filter-out plan live,$(or $(MAKECMDGOALS),all))
$(if $(DRY),,$(if $(trains),$(if $(wildcard $(OUT)/go-on),$(shell rm -f $(OUT)/go-on))))

# RANKS=4: a training is so many processes of one MPI, on this machine or on those of HOSTS, to the same bytes. ranks.sh starts
# them, and says what $share and $trainer are. What trains no step needs none.
by_ranks = RANKS='$(RANKS)' HOSTS='$(HOSTS)' LAUNCH='$(LAUNCH)'
# One training, for recipes that are evaluated twice: $(call train,SOURCE,OPTIONS OF AUG-SAMPLE,OF AUG-APPLY,OF SSL-TRAIN,BATCH,GRAINS)
pipe_of = $(1) | aug-sample -q $(2) | aug-apply -q $(3)
train = $(if $(and $(RANKS),$(if $(findstring --steps 0,$(4)),,ranks)),views() { $(call pipe_of,$(1) $$$$share,$(2),$(3)); } && \
	train() { $$$$trainer $(4); } && $(by_ranks) BATCH='$(5)' GRAINS='$(6)' bash $(HERE)/ranks.sh \
	"$$$$(declare -f views train)",$(call pipe_of,$(1),$(2),$(3)) | ssl-train $(4))
# Said before anything is made. (A plan measures this machine, and a report of what there is trains nothing.)
ranks_wrong = $(if $(RANKS),$(if $(trains),$(shell \
	PATH='$(PATH)' $(by_ranks) bash $(HERE)/ranks.sh --check \
	$(sort $(foreach m,$(NETWORKS),$(call batch_of,$(m)):$(call grains_of,$(m)))))))

# One model of a pretraining run: $(call model,DIR,SEED,SOURCE,OPTIONS OF SSL-TRAIN). The same
# line starts a run and goes on with one that was killed: SOURCE begins after what the
# state has seen. The state is no target: it is there before the model is done.
define model
$(1)/model.safetensors: $(OUT)/settings
	@echo '  $$@'
	@mkdir -p $$(@D)
	@$(call train,$(3) --seed $(2) --after $(1)/state,$(VIEWS) --seed $(2),,$(NET) $(SGD) --seed $(2) $(4) \
		--state $(1)/state --log $(1)/log.tsv $(in_time) -o $$@,$(BATCH),$(GRAINS)) $$(go_on)
endef

# Its control: the same network as it was initialised, $(call untrained,DIR,SEED,SOURCE).
define untrained
$(1)/model.safetensors: $(OUT)/settings
	@echo '  $$@'
	@mkdir -p $$(@D)
	@$(3) --seed $(2) | aug-sample -q $(VIEWS) --seed $(2) | aug-apply -q | \
		ssl-train -q $(NET) $(SGD) --seed $(2) --steps 0 -o $$@
endef

# Features: $(call features,DIR,SPLIT,IMAGES) of the model in DIR; of raw pixels where
# DIR is pixels.
define features
$(1)/$(2).feat: $(3) $(if $(filter %/pixels,$(1)),,$(1)/model.safetensors)
	$$(call whole,feat-extract -q $(if $(filter %/pixels,$(1)),--pixels --size $(SIZE),--model $(1)/model.safetensors) < $(3))
endef

# Scores: $(call scores,DIR,LABEL): linear, kNN and few-shot of the features in DIR, by
# the key LABEL of the records.
define scores
$(1)/$(2).linear.tsv: $(1)/train.feat $(1)/val.feat $(1)/test.feat
	$$(call whole,linprobe -q --label $(2) --train $(1)/train.feat --val $(1)/val.feat --test $(1)/test.feat)
$(1)/$(2).knn.tsv: $(1)/train.feat $(1)/test.feat
	$$(call whole,knnprobe -q --label $(2) --train $(1)/train.feat --test $(1)/test.feat)
$(1)/$(2).shot.tsv: $(1)/test.feat
	$$(call whole,fewshot -q --label $(2) --way 5 --shot 5 --episodes $(EPISODES) < $(1)/test.feat)
endef
