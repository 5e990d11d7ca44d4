# What every experiment includes first: where things lie, and what its lines are made of. Its last line
# includes report.mk.
SCALE ?= small
SEEDS ?= $(or $(SEEDS_$(SCALE)),0 1 2)
SEEDS_smoke := 0
OUT ?= augself-$(SCALE)
SMOKE := $(filter smoke,$(SCALE))
# Not every shell reads ~ behind a =.
$(foreach v,OUT IMAGES MODEL DATA BIN,$(if $(filter ~ ~/%,$($(v))),$(eval override $(v) := $(HOME)$(patsubst ~%,%,$($(v))))))
$(if $(filter-out /,$(IMAGES)),$(eval override IMAGES := $(patsubst %/,%,$(IMAGES))))
# Make divides names at blanks, and the shell reads these characters.
$(foreach v,OUT IMAGES MODEL DATA BIN,$(if $(word 2,$($(v))),$(error $(v)=$($(v)): a name with a blank; make a link to it without: \
	ln -s "$($(v))" $(or $(notdir $(word 1,$($(v)))),dir))))
unnamable := ( ) ' " & ; | < > * ? ` $$
$(foreach v,OUT IMAGES MODEL DATA BIN,$(foreach c,$(unnamable),$(if $(findstring $(c),$($(v))),$(error $(v)=$($(v)): a name with $(c); \
	make a link to it without))))
ifeq ($(filter $(SCALE),smoke small paper),)
$(error SCALE=$(SCALE): smoke, small or paper)
endif
ifeq ($(SMOKE)$(DATA),)
$(error DATA=dir is missing: the folder that holds the datasets as their archives unpack; without any, SCALE=smoke)
endif
# A plan measures this machine, and may come before the data.
ifeq ($(SMOKE)$(wildcard $(DATA)/.)$(filter plan,$(MAKECMDGOALS)),)
$(error $(if $(IMAGES),IMAGES,DATA)=$(DATA): no such folder)
endif
DATA := $(if $(SMOKE),$(OUT)/data,$(DATA))

DIR := $(dir $(realpath $(lastword $(MAKEFILE_LIST))))
ifeq ($(views.$(PRETRAIN))$(filter cifar stl10 imagenet100 imagenet,$(PRETRAIN)),)
$(error PRETRAIN=$(PRETRAIN): cifar, stl10, imagenet100 or imagenet)
endif

include $(DIR)common.mk $(DIR)sets.mk $(DIR)pretrain.mk $(DIR)evaluate.mk
