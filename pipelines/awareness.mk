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
# $(call table,NAME,TITLE,PROBE/METRIC,OPS)
define table
TABLES += $(1)
title.$(1) := $(2)
columns.$(1) := $(foreach o,$(4),$(held).aware@$(3)/$(o))
$(foreach o,$(4),$(eval heading.$(held).aware@$(3)/$(o) := $(o)))
endef
$(eval $(call table,relative,Error of a linear probe$(,) of the target's variance,aware-linear/relative,$(measured)))
$(eval $(call table,mlp,Mean squared error of the heads' network,aware-mlp/mse,$(measured)))
$(eval $(call table,flip,Flips that a linear probe tells$(,) %,aware-linear/accuracy,flip))
$(foreach c,$(columns.relative) $(columns.mlp),$(eval less.$(c) := less))
published.mlp := $(if $(filter stl10,$(PRETRAIN)),awareness)
$(foreach o,crop color,$(eval target.$(held).aware@aware-mlp/mse/$(o) := $(o)$(tab)probe-mse))
BARS := relative mlp

include $(HERE)/report.mk
