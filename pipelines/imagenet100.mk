# ImageNet100, ResNet-50: SimSiam, MoCo v2 and supervised, with and without AugSelf; linear evaluation on
# eleven sets (Table 1 of the paper) and few-shot on three (Table 2).
#
#     make -f imagenet100.mk DATA=dir [SCALE=smoke|small|paper] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := imagenet100
TITLE := ImageNet100: linear evaluation and few-shot (Tables 1 and 2)
PRETRAIN := imagenet100
METHODS ?= simsiam moco supervised

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(call random)
$(foreach m,$(METHODS),$(call pair,$(m)))
TABLES := transfer fewshot
title.transfer := Linear evaluation
columns.transfer := $(ELEVEN:=.linear)
published.transfer := table1-linear
title.fewshot := Few-shot, five classes
columns.fewshot := $(foreach s,fc100 cub200 plant-disease,$(s).shot1 $(s).shot5)
published.fewshot := table2-fewshot
CURVES := $(METHODS) $(METHODS:=-augself)

include $(HERE)/report.mk
