# Where the object is: a linear regression of its box from the features of the whole image, by squared
# distance and by the overlap of the boxes (IoU), on birds, persons and white blood cells.
#
#     make -f localisation.mk DATA=dir [SCALE=smoke|small|paper] [PRETRAIN=stl10] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := localisation
TITLE := Localisation: boxes from frozen features
PRETRAIN ?= stl10
METHODS ?= simsiam moco

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(call random)
$(foreach m,$(METHODS),$(call pair,$(m)))
BOXED := cub200 voc bccd
TABLES := iou l2
title.iou := Overlap of the boxes, IoU
columns.iou := $(BOXED:=.boxes@boxes/iou)
title.l2 := Squared distance of the boxes
columns.l2 := $(BOXED:=.boxes@boxes/l2)

include $(HERE)/report.mk
