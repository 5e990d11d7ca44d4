# STL-10, ResNet-18: five methods, with and without AugSelf, and what linear evaluation finds in their
# features on twelve sets (the paper's tables of STL-10).
#
#     make -f stl10.mk DATA=dir [SCALE=smoke|small|paper] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := stl10
TITLE := STL-10: five methods, with and without AugSelf
PRETRAIN := stl10
METHODS ?= simclr byol simsiam moco swav

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(call random)
$(foreach m,$(METHODS),$(call pair,$(m)))
$(if $(filter simsiam,$(METHODS)),$(call heads,simsiam,crop,crop alone,crop=1)$(call heads,simsiam,color,colour alone,color=1))
TABLES := transfer domain
title.transfer := Linear evaluation on the sets of the paper
columns.transfer := $(ELEVEN:=.linear)
published.transfer := stl10-linear
title.domain := Linear evaluation, the set itself and six others
columns.domain := $(addsuffix .linear,stl10 $(wordlist 1,6,$(filter-out caltech101,$(ELEVEN))))
published.domain := stl10-methods
CURVES := $(METHODS) $(METHODS:=-augself)

include $(HERE)/report.mk
