# One's own photographs, from a folder to a report: what the augmentations do to them, a network trained on
# them, sized to how many there are, their nearest neighbours as a picture, what the network knows of colour
# and place, and, where folders are classes, how well it tells these, beside raw pixels and the same
# network untrained.
#
#     make -f own.mk IMAGES=dir [MINUTES=10] [SIZE=64] [OUT=dir] [READER=tree|folder]
#     make -f own.mk SCALE=smoke          on images that img-synth draws
#
# IMAGES is a folder of images, or of folders that are classes: own.sh looks and says which. Of the images (of each class) some
# are asked about, and not trained on.
NAME := own
TITLE := One's own images
PRETRAIN := own
SCALE ?= small
SEEDS ?= 0
MINUTES ?= 10
SIZE ?= $(if $(filter smoke,$(SCALE)),20,64)
OUT ?= own
DATA = $(IMAGES)
ifeq ($(IMAGES)$(filter smoke,$(SCALE)),)
$(error IMAGES=dir is missing: a folder of photographs, as in IMAGES=~/photos; without any, SCALE=smoke)
endif
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
# A linear probe of D features takes D x D doubles: of 64 x 64 pixels it would be 3.6 GiB and minutes, of 32 x 32 75 MiB.
PIXEL_SIDE = $(if $(filter %/pixels,$(@D)),$(if $(SMOKE),,32))

# The size of the training is chosen once, and anew when the images or what was asked for are others. (Their names are
# compared, which takes no longer than listing the folders.)
sizes := $(OUT)/sizes.mk
contents := $(if $(SMOKE),,$(shell PATH='$(PATH)' img-read -q tree $(IMAGES) --names 2>/dev/null | cksum | tr ' ' -))
asked := $(contents) $(SIZE) $(MINUTES) $(foreach v,READER WIDTH BATCH EPOCHS,$(call given,$(v)))
ifneq ($(SMOKE),)
EPOCHS := 2
READER := folder
else ifneq ($(DRY),)
$(eval $(file <$(sizes)))
else
include $(sizes)
endif
ifneq ($(asked),$(ASKED))
$(sizes): FORCE
endif
$(sizes):
	@mkdir -p $(@D)
	@bash $(DIR)own.sh $(IMAGES) $(OUT) $(SIZE) $(MINUTES) > $@.part
	@echo 'ASKED := $(asked)' >> $@.part
	@mv -f $@.part $@
classes := $(filter folder,$(READER))
ratio := $(or $(RATIO),6:1:1)
# Where there are too few images for a part to choose by, the probes hold out some of train.
unchosen += $(if $(filter 3:0:1,$(ratio)),own)
tolerant = $(if $(SMOKE),,--max-bad $(MAX_BAD))
once := -v every=1
# For a plan.
number.small := $(TRAIN)

$(call pixels)
$(call random)
$(call heads,simsiam,augself,AugSelf,$(AUGSELF))
TABLES := $(if $(classes),classes) aware
title.classes := Which class an image is of
columns.classes := own.linear own.knn
title.aware := Crop and colour: what a linear probe cannot tell of them from the features; 0: it tells all, 1: nothing
columns.aware := $(foreach o,crop color,own.aware@aware-linear/relative/$(o))
rows.aware := random simsiam-augself
CURVES := simsiam-augself
PRECISION := $(if $(classes),--precision 1$(,)5$(,)10)
VIEWS := $(OUT)/views.png
near = $(call dir_of,$(firstword $(SEEDS)),$(1))/own.near
VERDICT := $(OUT)/own.txt
guessed = $(call dir_of,$(firstword $(SEEDS)),pixels)/own.linear.tsv
SHOWN := $(VERDICT)
EXTRA = $(VIEWS) $(foreach m,$(MODELS),$(call near,$(m)).tsv)
MORE = $(call put,sheet¦What the augmentations do¦$(VIEWS))$(foreach m,$(MODELS),$(call \
	put,sheet¦Some images and those that are nearest to them$(,) $(title.$(m))¦$(call near,$(m)).png))
$(VIEWS): $(RUNS)/read | $(call ready,own)
	@echo '  $@'
	@$(call read,own,train) --shuffle $(hush) | aug-sample -q --preset stl10 --size $(SIZE) | rec-view -q -n 8 --sheet $@

COMMAND = make -f own.mk SCALE=$(SCALE) $(if $(SMOKE),,IMAGES=$(IMAGES)) SEEDS="$(SEEDS)" $(call \
	given,MINUTES SIZE READER AUGSELF WIDTH BATCH EPOCHS RATIO)
include $(HERE)/report.mk

# Other images, or another size: all is made anew.
ifeq ($(SMOKE)$(DRY),)
$(RUNS)/read $(foreach m,$(NETWORKS),$(foreach s,$(SEEDS),$(call dir_of,$(s),$(m))/settings)): $(sizes)
endif
$(VERDICT): $(FIGURES) $(DIR)own.awk
	$(call whole,awk -v chance="$$(cut -f 9 $(guessed) 2>/dev/null | sed -n 2p)" -f $(DIR)own.awk $<)
