# What of AugSelf does it, on STL-10: which differences are predicted and with which weight, how
# strong the jitter of colour is, rotation and solarize, the heads alone.
#
#     make -f ablation.mk DATA=dir [SCALE=smoke|small|paper] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := ablation
TITLE := AugSelf taken apart, on STL-10
PRETRAIN := stl10
METHODS ?= simclr

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

# $(call study,METHOD): its models.
crop_color := crop=1,color=1
define study
$(call pair,$(1))
$(call heads,$(1),crop,crop,crop=1)
$(call heads,$(1),color,colour,color=1)
$(call heads,$(1),all,crop$(,) colour$(,) flip$(,) blur,crop=1$(,)color=1$(,)flip=1$(,)blur=1)
$(eval augself.$(1)-all := all)
$(foreach w,.25 .5 2,$(call heads,$(1),times$(w),crop and colour x $(w),crop=$(w)$(,)color=$(w)))
$(foreach k,weak strong,$(call other,$(1),$(k),$(k) jitter,--preset stl10:$(k),$(crop_color)))
$(call other,$(1),rotation,rotation,--preset stl10+rotation,$(crop_color)$(,)rotation=1)
$(call other,$(1),solarize,solarize,--preset stl10+solarize,$(crop_color)$(,)solarize=1)
$(call heads,$(1),alone,,$(crop_color) --augself-only)
$(eval title.$(1)-alone := Heads alone$(,) no $(name_of) loss)
endef
# $(call other,METHOD,NAME,TITLE,VIEWS,WEIGHTS): METHOD-NAME and METHOD-NAME-augself on other views.
define other
$(call plain_on,$(1),$(2),$(3),$(4))
$(call heads,$(1),$(2)-augself,$(3)$(,) AugSelf,$(5),$(4))
$(eval base.$(1)-$(2)-augself := $(1)-$(2))
endef
$(eval $(foreach m,$(METHODS),$(call study,$(m))))
of = $(foreach m,$(METHODS),$(m) $(addprefix $(m)-,$(1)))
TABLES := which weight jitter more alone
title.which := Which differences
rows.which := $(call of,crop color augself all)
published.which := ablation
title.weight := Their weight
rows.weight := $(call of,times.25 times.5 augself times2)
title.jitter := How strong the jitter of colour is
rows.jitter := $(call of,weak weak-augself augself strong strong-augself)
title.more := Rotation and solarize
rows.more := $(call of,rotation rotation-augself solarize solarize-augself)
title.alone := The heads alone
rows.alone := $(call of,augself alone)
$(foreach t,$(TABLES),$(eval columns.$(t) := $(ELEVEN:=.linear))$(eval mean.$(t) := Mean))

include $(HERE)/report.mk
