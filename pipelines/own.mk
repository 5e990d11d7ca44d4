# One's own photographs, from a folder to a report: what the augmentations do to them, a network trained on
# them, sized to how many there are, their nearest neighbours as a picture, what the network knows of colour
# and place, and, where folders are classes, how well it tells these, beside raw pixels and the same
# network untrained.
#
#     make -f own.mk IMAGES=dir [MINUTES=10] [SIZE=64] [OUT=dir]
#     make -f own.mk SCALE=smoke          on images that img-synth draws
#
# IMAGES is a folder of images, or of folders that are classes. Of the images (of each class) an
# eighth each chooses and is asked about; neither is trained on.
NAME := own
TITLE := One's own images
PRETRAIN := own
SCALE ?= small
SEEDS ?= 0
MINUTES ?= 10
SIZE ?= $(if $(filter smoke,$(SCALE)),20,64)
OUT ?= own
DATA := $(IMAGES)
source.own := own train
held.own := own
views.own := stl10
weights.own := crop=1,color=1
side.own = $(SIZE)
recipe.own := stl10

DIR := $(dir $(realpath $(lastword $(MAKEFILE_LIST))))
include $(DIR)experiment.mk

images := $(if $(SMOKE),$(OUT)/data/own/train,$(IMAGES))
layout.own := imagenet
classes := $(or $(SMOKE),$(firstword $(wildcard $(IMAGES)/*/.)))
ratio := 6:1:1

# The size of the training, chosen once: another run goes on with what was begun.
sizes := $(OUT)/sizes.mk
ifneq ($(SMOKE)$(DRY),)
EPOCHS := 2
else
include $(sizes)
endif
$(sizes):
	@mkdir -p $(@D)
	$(call whole,bash $(DIR)own.sh $$($(call read,own,train) --names | wc -l) $(SIZE) $(MINUTES))

$(call pixels)
$(call random)
$(call heads,simsiam,augself,AugSelf,$(AUGSELF))
TABLES := $(if $(classes),classes) aware
title.classes := Which class an image is of
columns.classes := own.linear own.knn
title.aware := Awareness: error of a linear probe, of the variance of the difference
columns.aware := $(foreach o,crop color,own.aware@aware-linear/relative/$(o))
rows.aware := random simsiam-augself
CURVES := simsiam-augself
PRECISION := $(if $(classes),--precision 1$(,)5$(,)10)
VIEWS := $(OUT)/views.png
near = $(call dir_of,$(firstword $(SEEDS)),$(1))/own.near
EXTRA = $(VIEWS) $(foreach m,$(MODELS),$(call near,$(m)).tsv)
MORE = $(call put,sheet¦What the augmentations do¦$(VIEWS))$(foreach m,$(MODELS),$(call \
	put,sheet¦Some images and those that are nearest to them$(,) $(title.$(m))¦$(call near,$(m)).png))
$(VIEWS): | $(call ready,own)
	@$(call read,own,train) --shuffle | aug-sample -q --preset stl10 --size $(SIZE) | rec-view -q -n 8 --sheet $@

include $(HERE)/report.mk
