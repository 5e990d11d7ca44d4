# ImageNet, ResNet-50, each method by its own published setting, with and without AugSelf: linear
# evaluation on the set itself and on eleven others (the supplement of the paper).
#
#     make -f imagenet.mk DATA=dir [SCALE=smoke|small|paper] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := imagenet
TITLE := ImageNet: linear evaluation
PRETRAIN := imagenet
METHODS ?= simsiam moco simclr byol swav

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(call random)
$(foreach m,$(METHODS),$(call pair,$(m)))
TABLES := transfer
title.transfer := Linear evaluation
columns.transfer := imagenet.linear $(ELEVEN:=.linear)
CURVES := $(METHODS) $(METHODS:=-augself)

include $(HERE)/report.mk
