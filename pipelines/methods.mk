# Every method, with and without AugSelf, on the images that img-synth draws, for several
# seeds: what a linear probe finds in their features of the shape, the colour and the place
# of what an image shows, beside the same network untrained.
#
#     make -f methods.mk [SEEDS="0 1 2"] [METHODS="simsiam moco"] [OUT=dir] [EPOCHS=n ...]
#
# A model takes a minute or two on two cores; all of them for three seeds an hour.
NAME := methods
TITLE := Every method, with and without AugSelf, on drawn images
OUT ?= methods
SEEDS ?= 0 1 2
# All that there are; asked for once, when common.mk knows where the programs are.
METHODS ?= $(eval METHODS := $(or $(shell PATH='$(PATH)' ssl-train --list | \
	sed -n '/^methods/,/^heads/s/^  \([^ :]*\):.*/\1/p'),$(error no ssl-train to say its methods)))$(METHODS)

# For features of 64 numbers and 62 steps an epoch: narrower heads, a short queue,
# the images, averages that follow within an epoch. A method without a line here has its presets.
SET_simsiam ?= hidden=512,bottleneck=128
SET_moco ?= queue=1024,momentum=.99
SET_simclr ?= temperature=.2
SET_byol ?= hidden=512,out=128,momentum=.99
SET_swav ?= hidden=512,prototypes=32,epsilon=.01
KNOBS = $(foreach m,$(METHODS),SET_$(m))

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))synth.mk

TRAINED := $(foreach m,$(METHODS),$(m) $(m)-augself)
MODELS := random $(TRAINED)
DIRS := $(foreach s,$(SEEDS),$(foreach m,$(MODELS),$(OUT)/seed$(s)/$(m)))
SCORES := $(foreach d,$(DIRS),$(foreach l,$(LABELS),$(d)/$(l).linear.tsv))

# $(call pair,METHOD,SEED): alone, and with heads.
options = --method $(1) $(addprefix --set ,$(SET_$(1)))
define pair
$(call model,$(OUT)/seed$(2)/$(1),$(2),$(SOURCE),$(call options,$(1)))
$(call model,$(OUT)/seed$(2)/$(1)-augself,$(2),$(SOURCE),$(call options,$(1)) --augself $(AUGSELF))
endef
$(foreach s,$(SEEDS),$(eval $(call untrained,$(OUT)/seed$(s)/random,$(s),$(SOURCE))))
$(foreach s,$(SEEDS),$(foreach m,$(METHODS),$(eval $(call pair,$(m),$(s)))))
$(foreach d,$(DIRS),$(foreach s,train val test,$(eval $(call features,$(d),$(s),$(OUT)/$(s).img))))
$(foreach d,$(DIRS),$(foreach l,$(LABELS),$(eval $(call scores,$(d),$(l)))))

TITLES := random network,$(subst $(empty) $(empty),$(,),$(foreach m,$(METHODS),$(m) $(m)_+_AugSelf))
TABLE = awk -f $(HERE)/table.awk -v labels="$(LABELS)" -v metrics=linear \
	-v models="$(MODELS)" -v titles="$(subst _, ,$(TITLES))"
$(OUT)/table.tsv: $(SCORES)
	$(call whole,$(TABLE) -v tsv=1 $(SCORES))
$(OUT)/table.txt: $(SCORES) $(OUT)/table.tsv
	$(call whole,{ echo "img-synth: $(IMAGES) images of $(SIZE) px$(,) $(EPOCHS) epochs$(,) \
		ResNet-18 of width $(WIDTH)$(,) seeds $(SEEDS); \
		tested on $(TEST) images"; echo; $(TABLE) $(SCORES); })

dir_of = $(OUT)/seed$(1)/$(2)
NETWORKS := $(MODELS)
title.random := Untrained
options.random := --steps 0
# $(call entitle,METHOD)
define entitle
title.$(1) := $(1)
title.$(1)-augself := $(1) + AugSelf
options.$(1) := $(call options,$(1))
options.$(1)-augself := $(call options,$(1)) --augself $(AUGSELF)
base.$(1)-augself := $(1)
endef
$(foreach m,$(METHODS),$(eval $(call entitle,$(m))))
TABLES := keeps
title.keeps := What a linear classifier finds
columns.keeps := $(LABELS:=.linear)
CURVES := $(TRAINED)
SHOWN := $(OUT)/table.txt
include $(HERE)/report.mk
