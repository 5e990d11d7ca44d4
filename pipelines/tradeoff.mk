# Invariance against awareness (the supplement of the paper): the cosine of an augmented image's features
# and the image's, of the backbone and of the projector, for the whole policy and for one operation
# at a time; beside how well the same operation's difference is told.
#
#     make -f tradeoff.mk DATA=dir [SCALE=smoke|small|paper] [PRETRAIN=stl10] [METHODS=...] [SEEDS="0 1 2"] [OUT=dir]
NAME := tradeoff
TITLE := Invariance and awareness
PRETRAIN ?= stl10
METHODS ?= moco simsiam

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))experiment.mk

$(call random)
$(foreach m,$(METHODS),$(call pair,$(m)))
TEXTS := alone $(if $(filter imagenet100,$(PRETRAIN)),batch)
text.alone := Each operation is asked about alone, with the strength and the probability that it has in the whole policy: where it \
	is not drawn, the image stays as it is, and the cosine is 1.
text.batch := The published cosines were computed with the statistics of each batch, ours with those of the training: their \
	order can be compared, their size not.
TABLES := backbone projector
title.backbone := Cosine of augmented and original images, backbone
columns.backbone := $(addprefix $(held).inv-,all $(OPS))
published.backbone := $(if $(filter imagenet100,$(PRETRAIN)),invariance)
title.projector := The same behind the projector
rows.projector = $(filter-out random supervised%,$(MODELS))
columns.projector := $(addprefix $(held).invz-,all $(OPS))
$(foreach o,all $(OPS),$(eval target.$(held).inv-$(o) := $(o)$(tab)cosine-backbone))
# Of a model and an operation: how little it changes y, and how much of its difference y tells.
EXTRA = $(foreach m,$(MODELS),$(foreach s,$(SEEDS),$(call answer,$(s),$(m),$(held).aware)))
points = $(foreach m,$(MODELS),$(foreach s,$(SEEDS),$(call put,point¦$(1)¦$(title.$(m))¦$(call \
	answer,$(s),$(m),$(held).inv-$(1))¦invariance:cosine¦$(call \
	answer,$(s),$(m),$(held).aware)¦aware-linear:r2:$(1))))
MORE = $(foreach o,$(measured),$(call put,scatter¦$(o)¦Invariance and awareness$(,) $(o)¦cosine¦R² of the difference)$(call points,$(o)))

include $(HERE)/report.mk
