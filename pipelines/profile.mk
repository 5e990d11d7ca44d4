# Anyone's ResNet: what it tells of the augmentations (awareness), how little they change its features
# (invariance), and kNN and a linear probe where the images have classes; beside raw pixels.
#
#     make -f profile.mk MODEL=file IMAGES=dir [PRESET=imagenet] [SIZE=224] [NETWORK="--prefix TEXT --stem NAME"]
#     make -f profile.mk MODEL=file DATA=dir     on CIFAR-10, which DATA holds
#     make -f profile.mk SCALE=smoke             on an untrained network and drawn images
#
# MODEL is a safetensors file with torchvision's names, whatever stands before them. IMAGES is a folder
# of images, or of folders that are classes: of each class a tenth chooses and a tenth is asked about.
NAME := profile
TITLE = What $(notdir $(MODEL)) knows
PRETRAIN := profile
SCALE ?= paper
SEEDS := 0
PRESET ?= imagenet
SIZE ?= $(if $(filter smoke,$(SCALE)),20,$(if $(filter imagenet%,$(PRESET)),224,$(if $(filter stl10%,$(PRESET)),96,32)))
views.profile := $(PRESET)
# Views of PRESET, with the network's own mean and standard deviation.
views_file = $(RUNS)/views.policy
held.profile := $(if $(IMAGES),own,cifar10)
ifneq ($(IMAGES),)
$(if $(word 2,$(IMAGES))$(wildcard $(IMAGES)/.),,$(error IMAGES=$(IMAGES): no such folder))
DATA := $(IMAGES)
endif
ifeq ($(DATA)$(filter smoke,$(SCALE)),)
$(error IMAGES=dir is missing: a folder of images; or DATA=dir, which holds CIFAR-10; or SCALE=smoke, which needs none)
endif

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

ifeq ($(MODEL)$(SMOKE),)
$(error MODEL=file is missing: a network as safetensors)
endif
$(if $(MODEL),$(if $(wildcard $(MODEL)),,$(error MODEL=$(MODEL): no such file)))
$(if $(filter plan,$(MAKECMDGOALS)),$(error profile.mk trains nothing, so there is nothing to plan))
# The user's own images: classes where there are folders.
classes := $(firstword $(wildcard $(addsuffix /*/.,$(IMAGES))))
images := $(IMAGES)
ratio := 8:1:1

NETWORK += --size $(SIZE)
# How many images are asked about. A few hundred tell little of another choice of images.
ifneq ($(IMAGES),)
images.asked := $(shell PATH='$(PATH)' $(call read,own,test) --names 2>/dev/null | wc -l)
ifeq ($(images.asked),0)
$(error IMAGES=$(IMAGES): no images are left to ask about, of $(ratio) parts to learn, choose and ask: \
	$(if $(classes),10 of a class,10) or more)
endif
TEXTS := $(shell [ $(images.asked) -ge 500 ] || echo few)
text.few = Only $(images.asked) images are asked about, so all figures here are uncertain: a difference that is not larger \
	than the intervals may be chance. More images make these narrower.
endif
at := $(RUNS)/seed0/network
MODELS := network pixels
NETWORKS :=
# A linear probe of D features takes D x D doubles: 170 GiB for pixels of 224 x 224, 75 MiB for 32 x 32.
PIXEL_SIDE = $(if $(filter $(addprefix %/$(held).,train.feat val.feat test.feat),$@),$(if $(SMOKE),,32))
title.network = $(notdir $(MODEL))
title.pixels := Raw pixels
drawn.network := --policy $(views_file)
drawn.pixels := $(drawn.network)
ifeq ($(MODEL),)
MODEL := $(OUT)/untrained.safetensors
$(MODEL): | $(call ready,cifar10)
	@$(call read,cifar10,train) $(hush) | aug-sample -q --preset $(PRESET) --size $(SIZE) | aug-apply -q | \
		ssl-train -q --arch resnet18 --width .0625 --epochs 1 --batch 16 --steps 0 -o $@
endif
$(at)/model.safetensors: $(MODEL)
	@mkdir -p $(@D)
	@cp $< $@.part
	@mv -f $@.part $@

$(views_file): $(at)/model.safetensors $(RUNS)/read $(RUNS)/drawn
	$(call whole,{ aug-sample --preset $(PRESET) --size $(SIZE) --dump-policy | grep -v '^\(mean\|std\) ='; \
		img-synth -q -n 1 | feat-extract -q --model $< $(NETWORK) | rec-view -q -n 0 | grep -oE '(mean|std) = [^\]*'; })

TABLES := aware invariant $(if $(classes)$(filter cifar10,$(held)),classes)
title.aware := Awareness: error of a linear probe, of the variance of the difference
columns.aware := $(foreach o,$(measured),$(held).aware@aware-linear/relative/$(o))
rows.aware := network
title.invariant := Invariance: cosine of augmented and original images
columns.invariant := $(addprefix $(held).inv-,all $(OPS))
title.classes := Classes
columns.classes := $(held).linear $(held).knn

proves.paper := The network as it is, beside raw pixels; nothing is trained but the probes.
proves.small = $(proves.paper)
COMMAND = make -f profile.mk SCALE=$(SCALE) $(if $(SMOKE),,MODEL=$(MODEL) $(if $(IMAGES),IMAGES,DATA)=$(DATA)) $(call \
	given,PRESET SIZE NETWORK PER_CLASS PAIRS)
include $(HERE)/report.mk
