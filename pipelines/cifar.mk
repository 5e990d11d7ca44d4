# CIFAR-10, ResNet-18: pretraining with and without AugSelf, beside raw pixels and the same network untrained;
# then transfer to CIFAR-100, flowers and birds, and to the birds' boxes. (The paper has no such table.)
#
#     make -f cifar.mk DATA=dir [SCALE=smoke|small|paper] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := cifar
TITLE := CIFAR-10: pretraining and transfer
PRETRAIN := cifar
METHODS ?= simsiam

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(call pixels)
$(call random)
$(foreach m,$(METHODS),$(call pair,$(m)))
# A linear classifier of as many numbers as that is what takes longest in smoke.
PIXEL_SIDE := $(if $(SMOKE),8)
TABLES := domain transfer boxes
title.domain := CIFAR-10
columns.domain := cifar10.linear cifar10.knn cifar10.shot5
title.transfer := Transfer, linear evaluation
columns.transfer := cifar100.linear flowers102.linear cub200.linear
title.boxes := The birds' boxes
columns.boxes := cub200.boxes
CURVES := $(METHODS) $(METHODS:=-augself)

include $(HERE)/report.mk
