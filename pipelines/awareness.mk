# How well the difference of each operation is told from two views' frozen features: by a linear probe, and by
# the network of AugSelf's heads. They learn from training images, and are tested on images that nobody has seen.
#
#     make -f awareness.mk DATA=dir [SCALE=smoke|small|paper] [PRETRAIN=stl10] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := awareness
TITLE := Awareness: what features know of the augmentations
PRETRAIN ?= stl10
METHODS ?= simclr simsiam

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(call random)
$(foreach m,$(METHODS),$(call pair,$(m)))
# $(call figures,PROBE/METRIC,OPS)
figures = $(foreach o,$(2),$(held).aware@$(1)/$(o))
TABLES := relative mlp flip
title.relative := Error of a linear probe, of the target's variance
columns.relative := $(call figures,aware-linear/relative,$(measured))
title.mlp := Mean squared error of the heads' network
columns.mlp := $(call figures,aware-mlp/mse,$(measured))
title.flip := Flips that a linear probe tells, %
columns.flip := $(call figures,aware-linear/accuracy,flip)
published.mlp := $(if $(filter stl10,$(PRETRAIN)),awareness)
$(foreach o,crop color,$(eval target.$(held).aware@aware-mlp/mse/$(o) := $(o)$(tab)probe-mse))
BARS := relative mlp

include $(HERE)/report.mk
