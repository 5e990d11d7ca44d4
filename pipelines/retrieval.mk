# Nearest neighbours: which images a network holds for alike, as pictures, and how many of the nearest
# 1, 5 and 10 are of the same class.
#
#     make -f retrieval.mk DATA=dir [SCALE=smoke|small|paper] [PRETRAIN=stl10] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := retrieval
TITLE := Nearest neighbours
PRETRAIN ?= stl10
METHODS ?= simsiam

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(call random)
$(foreach m,$(METHODS),$(call pair,$(m)))
ASKED := flowers102 cub200 pets
TABLES := precision
title.precision := Of the nearest, how many are of the same class
columns.precision := $(foreach s,$(ASKED),$(foreach k,1 5 10,$(s).near@knn/precision@$(k)))
# The pictures of the first seed; they come with the answers.
MORE = $(foreach s,$(ASKED),$(if $(call why_not,$(s)),,$(foreach m,$(MODELS),$(call \
	put,sheet¦$(call title_of,$(s))$(,) $(title.$(m))¦$(call dir_of,$(firstword $(SEEDS)),$(m))/$(s).near.png))))

include $(HERE)/report.mk
