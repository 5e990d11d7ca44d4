# Networks that are trained before an experiment asks what they know. They lie in
# OUT/PRETRAIN/seedS/MODEL, where every experiment with the same OUT finds them: what one has trained
# or extracted, no other does again.
#
# An experiment says PRETRAIN, one of those below, and adds models:
#     $(call add,NAME,TITLE,OPTIONS OF SSL-TRAIN[,OPTIONS OF AUG-SAMPLE])
#     $(call pair,METHOD)   METHOD and METHOD-augself, by the recipe
#
# SCALE: paper is the recipe as it was published; small is a narrow network on a part of the
# images, made for two cores and an evening; smoke shows that all runs through, on images
# that img-synth draws, and proves nothing.

# What is trained on: set, split, augmentations, and the recipe, whose lines have the rest.
source.cifar       := cifar10 trainval
source.stl10       := stl10 train+unlabeled
source.imagenet100 := imagenet100 train
source.imagenet    := imagenet train
# Whose test images no network has seen.
held.cifar       := cifar10
held.stl10       := stl10
held.imagenet100 := imagenet100
held.imagenet    := imagenet
views.cifar        := cifar
views.stl10        := stl10
views.imagenet100  := imagenet
views.imagenet     := imagenet
weights.cifar       := crop=1,color=1
weights.stl10       := crop=1,color=1
weights.imagenet100 := crop=.5,color=.5
weights.imagenet    := crop=1,color=1

# How many these are, for `make plan`.
images.cifar       := 50000
images.stl10       := 105000
images.imagenet100 := 126689
images.imagenet    := 1281167

# The side of its views.
side.cifar       := 32
side.stl10       := 96
side.imagenet100 := 224
side.imagenet    := 224

# In place of the recipe's values.
size.small.cifar       := 32
size.small.stl10       := 48
size.small.imagenet100 := 64
size.small.imagenet    := 64
# Which images: of sets whose images come class by class, some of each.
limit.small.cifar       := --limit 20000
limit.small.stl10       := --limit 20000
limit.small.imagenet100 := --per-class 200
limit.small.imagenet    := --per-class 20
number.small            := 20000
limit.smoke.cifar       := --limit 48
limit.smoke.stl10       := --limit 48
limit.smoke.imagenet100 := --per-class 10
limit.smoke.imagenet    := --per-class 10
number.smoke            := 48
# Of ImageNet's recipes, which warm LARS up for batches of thousands.
also.small.imagenet := --optimizer sgd --trust 0 --warmup 1
also.smoke.imagenet := --optimizer sgd --trust 0 --warmup 0
WIDTH_small    := .25
EPOCHS_small   := 10
BATCH_small    := 128
BASE_LR_small  := .12
WIDTH_smoke    := .0625
SIZE_smoke     := 32
EPOCHS_smoke   := 2
BATCH_smoke    := 16
BASE_LR_smoke  := .12
HEAD_smoke     := --head-hidden 32
SET_smoke_simsiam := hidden=32,bottleneck=16
SET_smoke_moco    := out=16,queue=32
SET_smoke_simclr  := out=16
SET_smoke_byol    := hidden=32,out=16
SET_smoke_swav    := hidden=32,out=16,prototypes=8

WIDTH   ?= $(WIDTH_$(SCALE))
SIZE    ?= $(or $(SIZE_$(SCALE)),$(size.$(SCALE).$(PRETRAIN)))
EPOCHS  ?= $(EPOCHS_$(SCALE))
BATCH   ?= $(BATCH_$(SCALE))
BASE_LR ?= $(BASE_LR_$(SCALE))
LIMIT   ?= $(limit.$(SCALE).$(PRETRAIN))
AUGSELF ?= $(weights.$(PRETRAIN))

side = $(or $(SIZE),$(side.$(PRETRAIN)))
RUNS := $(OUT)/$(PRETRAIN)
held := $(held.$(PRETRAIN))
option = $(if $(strip $(2)),--$(1) $(strip $(2)))
# What the recipe says unless it is said otherwise: EPOCHS of img-read are ssl-train's, and so is how it deals batches to ranks.
# (A program is asked once a model.)
recipe_of = $(if $(recipe_of.$(1)),,$(eval recipe_of.$(1) := $(shell PATH='$(PATH)' \
	ssl-train $(options.$(1)) --dump-config | sed -n 's/^\(epochs\|batch\|grains\) *= *\([0-9]*\)/\1=\2/p')))$(patsubst \
	$(2)=%,%,$(filter $(2)=%,$(recipe_of.$(1))))
epochs = $(or $(EPOCHS),$(call recipe_of,$(1),epochs))
batch_of = $(or $(BATCH),$(call recipe_of,$(1),batch))
grains_of = $(or $(GRAINS),$(call recipe_of,$(1),grains))

# $(call add,NAME,TITLE,OPTIONS[,VIEWS])
define add
MODELS += $(1)
title.$(1) := $(2)
options.$(1) := --recipe $(or $(recipe.$(PRETRAIN)),$(PRETRAIN)) $(3)
drawn.$(1) := $(or $(4),--preset $(views.$(PRETRAIN))) $(call option,size,$(SIZE))
endef
add_model = $(if $(filter $(1),$(MODELS)),,$(eval $(call add,$(1),$(2),$(strip $(3)),$(4))))
comma_set = $(addprefix --set ,$(or $(SET_$(1)),$(SET_$(SCALE)_$(1))))
name.simsiam := SimSiam
name.moco := MoCo v2
name.simclr := SimCLR
name.byol := BYOL
name.swav := SwAV
name.supervised := Supervised
name_of = $(or $(name.$(1)),$(1))
# How published.tsv calls a model: the names of the weights, with + between.
published_as = $(eval method.$(1) := $(2))$(eval augself.$(1) := $(subst $(empty) $(empty),+,$(strip \
	$(foreach w,$(subst $(,), ,$(3)),$(firstword $(subst =, ,$(w)))))))
plain = $(call add_model,$(1),$(name_of),--method $(1) $(comma_set) --augself none)$(call published_as,$(1),$(1),none)
# $(call heads,METHOD,NAME,TITLE,WEIGHTS[,VIEWS]): METHOD-NAME, with heads, to be compared with METHOD.
heads = $(call add_model,$(1)-$(2),$(name_of) + $(3),--method $(1) $(comma_set) --augself $(4) $(HEAD_$(SCALE)),$(5))$(call \
	published_as,$(1)-$(2),$(1),$(4))$(eval base.$(1)-$(2) := $(1))
pair = $(plain)$(call heads,$(1),augself,AugSelf,$(AUGSELF))
# $(call plain_on,METHOD,NAME,TITLE,VIEWS): METHOD-NAME, on other views.
plain_on = $(call add_model,$(1)-$(2),$(name_of)$(,) $(3),--method $(1) $(comma_set) --augself none,$(4))
# The network as it was initialised.
random = $(call add_model,random,Untrained,--method simsiam $(call comma_set,simsiam) --augself none --steps 0)

# The pixels themselves: no network.
pixels = $(eval MODELS += pixels)$(eval title.pixels := Raw pixels)

# The whole line of a model: what it was made by, and what it must be made by again.
line = $(options.$(1)) $(call option,width,$(WIDTH)) $(call option,size,$(SIZE)) $(call option,epochs,$(EPOCHS)) \
	$(call option,batch,$(BATCH)) $(call option,grains,$(GRAINS)) $(call option,base-lr,$(BASE_LR)) $(also.$(SCALE).$(PRETRAIN))
trained_on = $(call read,$(word 1,$(source.$(PRETRAIN))),$(word 2,$(source.$(PRETRAIN)))) $(LIMIT) \
	--epochs $(epochs) --shuffle

# Where a set lies is no setting: a folder that has moved trains nothing anew.
placeless = $(subst $(call place_of,$(word 1,$(source.$(PRETRAIN)))),DATA,$(1))

# $(call trained,MODEL,SEED)
define trained
$(call remember,$(RUNS)/seed$(2)/$(1)/settings,$(call line,$(1)) | $(drawn.$(1)) | $(call placeless,$(call \
	trained_on,$(1))),rm -f $(RUNS)/seed$(2)/$(1)/state)
$(RUNS)/seed$(2)/$(1)/model.safetensors: $(RUNS)/seed$(2)/$(1)/settings | $(call ready,$(word 1,$(source.$(PRETRAIN))))
	@echo '  $$@'
	@$(call train,$(call trained_on,$(1)) $(hush) --seed $(2) --after $$(@D)/state,$(drawn.$(1)) --seed $(2),$(tolerant),$(call \
		line,$(1)) --seed $(2) --state $$(@D)/state --log $$(@D)/log.tsv $(in_time) -o $$@,$(batch_of),$(grains_of)) $$(go_on)
endef
NETWORKS ?= $(filter-out pixels,$(MODELS))
make_models = $(foreach s,$(SEEDS),$(foreach m,$(NETWORKS),$(eval $(call trained,$(m),$(s)))))
# As one would type it, for the report.
as_typed = $(call trained_on,$(1)) --seed S | aug-sample $(drawn.$(1)) --seed S | aug-apply | \
	ssl-train $(call line,$(1)) --seed S -o $(1).safetensors
# Of the other variables, those that somebody gave.
given = $(foreach v,$(1),$(if $(filter command environment,$(origin $(v))),$(v)="$($(v))"))
COMMAND = make -f $(NAME).mk SCALE=$(SCALE) $(if $(SMOKE),,DATA=$(DATA)) SEEDS="$(SEEDS)" METHODS="$(METHODS)" $(call \
	given,PRETRAIN AUGSELF WIDTH SIZE EPOCHS BATCH GRAINS BASE_LR LIMIT PER_CLASS EPISODES PAIRS DRAWS SGD_EPOCHS PROBE_EPOCHS)

# What it will still take: plan.sh measures a few steps of each model.
sum = $(shell echo $$(( $(subst $(empty) $(empty),+,$(strip $(or $(1),0))) )))
# What is not answered of model $(1): SEED/SET.PROBE. (Where there are no data yet, of all sets.)
expected = $(if $(SMOKE)$(wildcard $(DATA)/.),$(there),$(columns.$(1)))
unasked = $(sort $(foreach s,$(SEEDS),$(foreach t,$(TABLES),$(if $(filter $(1),$(call rows_of,$(t))),$(foreach c,$(call \
	expected,$(t)),$(if $(wildcard $(call answer,$(s),$(1),$(c))),,$(s)/$(call file_of,$(c))))))))
# Of how many images features are extracted: what two probes share (SEED/SET.KIND) counts once; those of crops, new ones in
# each epoch, are not kept. (Scale small reads fewer: this is the most it can be.)
kind.sgd := crops
$(foreach k,1 5,$(eval kind.shot$(k) := all))
$(foreach k,5 10,$(eval kind.per$(k) := few))
kind.boxes := whole
kind.aware := pairs
kind_of = $(or $(kind.$(1)),$(filter inv%,$(1)),parts)
kinds_of = $(sort $(foreach a,$(1),$(dir $(a))$(call of_set,$(notdir $(a))).$(call kind_of,$(call of_probe,$(a)))))
number_of = $(if $(filter pairs inv%,$(2)),$(call drawn_number,$(2)),$(wordlist 2,4,$(set.$(1))))
# Two views of each image, and the images as they are.
drawn_number = $(if $(filter pairs,$(1)),$(PAIRS)*4,$(PAIRS)*$(if $(filter %-all,$(1)),3,2))
parts_of = $(foreach k,$(notdir $(filter-out %.crops,$(1))),$(call number_of,$(word 1,$(subst ., ,$(k))),$(word 2,$(subst ., ,$(k)))))
cropped = $(patsubst %.crops,%,$(notdir $(filter %.crops,$(1))))
features_of = $(call sum,$(parts_of) $(foreach s,$(cropped),$(word 4,$(set.$(s)))))
crops_of = $(call sum,$(foreach s,$(cropped),$(foreach n,$(wordlist 2,3,$(set.$(s))),$(SGD_EPOCHS)*$(n))))
# The work of the probes, in plan.sh's units, from a set's images and classes; what takes moments is left out.
learnt = ($(word 2,$(set.$(1)))+$(word 3,$(set.$(1))))
work.linear = linear=$(learnt)*$(or $(labels.$(1)),100)
work.knn    = knn=$(word 2,$(set.$(1)))*$(word 4,$(set.$(1)))
work.sgd    = sgd=$(learnt)*$(or $(labels.$(1)),100)*$(SGD_EPOCHS)
work.shot1  = shot=$(EPISODES)
work.shot5  = shot=$(EPISODES)
work.per5   = linear=5*$(DRAWS)*$(or $(labels.$(1)),100)*$(or $(labels.$(1)),100)
work.per10  = linear=10*$(DRAWS)*$(or $(labels.$(1)),100)*$(or $(labels.$(1)),100)
work.aware  = aware=$(PAIRS)
works_of = $(foreach a,$(1),$(call work.$(call of_probe,$(a)),$(call of_set,$(notdir $(a)))))
probes_of = $(foreach p,linear knn sgd shot aware,$(if $(filter $(p)=%,$(works_of)),$(p):$(call \
	sum,$(patsubst $(p)=%,%,$(filter $(p)=%,$(works_of))))))
# Seeds that are not trained, and the images that these have not seen: all, but for the epochs that a state has.
untaught = $(foreach s,$(SEEDS),$(if $(wildcard $(call dir_of,$(s),$(1))/model.safetensors),,$(s)))
begun = $(if $(wildcard $(1)/state),$(or $(shell tail -n 1 $(1)/log.tsv | cut -f 2 | grep -x '[0-9]*'),0),0)
seen = $(call sum,$(foreach s,$(untaught),$(or $(number.$(SCALE)),$(images.$(PRETRAIN)))*($(or $(filter-out 0,$(epochs)),1)-$(call \
	begun,$(call dir_of,$(s),$(1))))))
planned = $(if $(untaught)$(unasked),'$(title.$(1))|$(words $(untaught))|$(seen)|$(line)|$(drawn.$(1))|$(call \
	planned_probes,$(unasked))')
planned_probes = $(call features_of,$(kinds_of))|$(call crops_of,$(kinds_of))|$(probes_of)
.PHONY: plan
plan:
	@printf '%s\n' $(foreach m,$(NETWORKS),$(call planned,$(m))) '' | $(if $(RANKS),RANKS=$(RANKS) MACHINES=$(shell $(by_ranks) bash \
		$(HERE)/ranks.sh --machines)) bash $(HERE)/plan.sh
