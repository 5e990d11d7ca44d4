# The synthetic set that demo.mk and methods.mk train and ask on: images for pretraining,
# for training and choosing probes, and for testing.
IMAGES ?= 4000
TRAIN ?= 2000
VAL ?= 500
TEST ?= 1000
EPOCHS ?= 24
WIDTH ?= 0.125
BATCH ?= 64
# A rate this high needs its first epochs gentle: the heads would saturate for good.
BASE_LR ?= 0.4
WARMUP ?= 3
WD ?= 5e-4
AUGSELF ?= crop=1,color=1
SEED ?= 0
SIZE := 32
POLICY ?= $(dir $(realpath $(lastword $(MAKEFILE_LIST))))demo.policy
POLICY_SUM := $(firstword $(shell cksum < $(POLICY)))
VIEWS := --policy $(POLICY)
KNOBS += POLICY_SUM IMAGES TRAIN VAL TEST EPOCHS WIDTH BATCH BASE_LR WARMUP WD AUGSELF SEED
NET = --arch resnet18 --stem cifar --width $(WIDTH)
KNOBS += $(if $(GRAINS),GRAINS)
batch_of = $(BATCH)
grains_of = $(GRAINS)
SGD = --batch $(BATCH) $(if $(GRAINS),--grains $(GRAINS)) --base-lr $(BASE_LR) --warmup $(WARMUP) --wd $(WD)
LABELS := shape colour place
# For the report: no sets on a disk, but three questions about drawn images.
set.shape := top1 $(TRAIN) $(VAL) $(TEST) shape
set.colour := top1 $(TRAIN) $(VAL) $(TEST) colour
set.place := top1 $(TRAIN) $(VAL) $(TEST) place
score_of = top1
title_of = $(1)
figure.shot := fewshot:top1
said.shot := 5-shot
SCALE := small
proves.small := Drawn images of $(SIZE) px and a network of width $(WIDTH): what colour and place a representation \
	keeps, not how it does on photographs.
as_typed = $(SOURCE) --seed S | aug-sample $(VIEWS) --seed S | aug-apply | \
	ssl-train $(NET) $(SGD) --seed S $(options.$(1))
COMMAND = make -f $(NAME).mk

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))common.mk

# Three sets of images; val continues where train ends.
$(OUT)/train.img $(OUT)/val.img $(OUT)/test.img: $(OUT)/settings
$(OUT)/train.img:
	$(call whole,img-synth -q --count $(TRAIN) --size $(SIZE) --seed $(SEED))
$(OUT)/val.img:
	$(call whole,img-synth -q --count $$(( $(TRAIN) + $(VAL) )) --size $(SIZE) --seed $(SEED) | rec-cat -q --skip $(TRAIN))
$(OUT)/test.img:
	$(call whole,img-synth -q --count $(TEST) --size $(SIZE) --seed $(SEED) --split test)

SOURCE := img-synth -q --count $(IMAGES) --size $(SIZE) --epochs $(EPOCHS) --shuffle
