# The protocols of LooC (Table 3 of the paper), on networks of ImageNet100: a linear classifier by SGD on
# random crops, for CUB-200 and ImageNet100; 5 and 10 images a class of Flowers.
#
#     make -f looc.mk DATA=dir [SCALE=smoke|small|paper] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := looc
TITLE := The protocols of LooC (Table 3)
PRETRAIN := imagenet100
METHODS ?= moco simsiam

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(foreach m,$(METHODS),$(call pair,$(m)))
TABLES := looc
title.looc := Linear by SGD, and with few images
columns.looc := cub200.sgd imagenet100.sgd flowers102.per5 flowers102.per10
published.looc := table3-looc

include $(HERE)/report.mk
