# What is asked of a model: each answer a file beside it, SET.PROBE.tsv, made of features
# SET.SPLIT.feat, which are made once. All are pattern rules: nothing here knows which models or
# sets an experiment has.
#
#   SET.linear.tsv    linear evaluation              SET.shotK.tsv   5-way K-shot episodes
#   SET.knn.tsv       nearest neighbours             SET.perK.tsv    linear, K images of each class
#   SET.sgd.tsv       linear by SGD on crops         SET.boxes.tsv   where the object is
#   SET.aware.tsv     differences of augmentations   SET.inv-OP.tsv  what an operation changes
EPISODES ?= $(or $(EPISODES_$(SCALE)),2000)
EPISODES_smoke := 50
DRAWS ?= 5
# MoCo and LooC say 100; the AugSelf authors' scripts for the two sets that are asked so, 200.
SGD_EPOCHS ?= $(or $(SGD_EPOCHS_$(SCALE)),200)
SGD_EPOCHS_smoke := 2
SGD_EPOCHS_small := 10
PROBE_EPOCHS ?= $(PROBE_EPOCHS_$(SCALE))
PROBE_EPOCHS_smoke := 2
# Images of a class, at most, in each part of a set.
PER_CLASS ?= $(PER_CLASS_$(SCALE))
PER_CLASS_small := $(if $(IMAGES),,100)
# Pairs of views that the awareness is asked on.
PAIRS ?= $(or $(PAIRS_$(SCALE)),20000)
PAIRS_smoke := 40
PAIRS_small := 5000
# Published sets hold files that are no images; how many a part may be short of.
MAX_BAD ?= 100
# People's own photographs: of those whose pixels cannot be decoded as many are left out.
tolerant =

# Features of large sets are made in so many parts.
SHARDS ?=

# Features of people's own files: of another network than ours, see profile.mk.
NETWORK ?=
network_of = $(if $(filter pixels,$(notdir $(@D))),,$(@D)/model.safetensors)
extract = feat-extract -q $(tolerant) $(if $(network_of),--model $(network_of) $(NETWORK),--pixels --size $(or $(PIXEL_SIDE),$(side)))
# A target is DIR/SET.WHAT...
set_of = $(firstword $(subst ., ,$(notdir $(1))))
what_of = $(word 2,$(subst ., ,$(notdir $(1))))
some = $(if $(PER_CLASS),--per-class $(PER_CLASS))

# Settings whose change makes anew what depends on them, and no more; of what is pretrained here, for other
# experiments in OUT have others: what is read, which views are drawn, what is asked.
moved = $(foreach v,$(sort $(filter DATA_% CLASSES_% LISTS_%,$(.VARIABLES))),$(v)=$($(v)))
$(eval $(call remember,$(RUNS)/read,per-class $(PER_CLASS) side $(side) network $(NETWORK) \
	data $(if $(SMOKE),,$(DATA) $(moved))))
$(eval $(call remember,$(RUNS)/drawn,pairs $(PAIRS) views $(views.$(PRETRAIN))))
$(eval $(call remember,$(RUNS)/asked,episodes $(EPISODES) draws $(DRAWS) sgd $(SGD_EPOCHS) probe $(PROBE_EPOCHS)))

# Of several rules that fit, make takes the one with the shortest stem.
.SECONDEXPANSION:
needs = $$(network_of) $(RUNS)/read | $$(call ready,$$(call set_of,$$@))
needs_drawn = $(RUNS)/drawn $(views_file) $(needs)
part = $(call read,$(call set_of,$@),$(call what_of,$@)) $(hush)
ifeq ($(SHARDS),)
$(OUT)/%.feat: $(needs)
	$(call whole,$(part) $(some) | $(extract))
else
# In SHARDS parts, which make -j makes beside each other, and joins to the same bytes.
define shard
$(OUT)/%.feat.$(1): $$(needs)
	$$(call whole,$$(part) $$(some) --shard $(1)/$(SHARDS) | $$(extract))
endef
$(foreach i,$(shell seq $(SHARDS)),$(eval $(call shard,$(i))))
$(OUT)/%.feat: $(foreach i,$(shell seq $(SHARDS)),$(OUT)/%.feat.$(i))
	$(call whole,rec-cat -q --merge $^)
	@rm -f $^
endif
# Where images are compared with views, they are resized as these are: nothing but an operation makes a difference.
resized := --filter bilinear
# The middle of the image resized to 8/7 of the side (256 for 224), as linear classifiers by SGD are tested.
$(OUT)/%.centre.feat: $(needs)
	$(call whole,$(part) $(some) | $(extract) $(resized) --resize $$(( $(side) * 8 / 7 )))
# The whole image, where boxes are to be found.
$(OUT)/%.whole.feat: $(needs)
	$(call whole,$(part) | $(extract) --whole)

# The same images as they are, as the training saw them (pairs), and with one operation alone;
# of the backbone, and of the projector, z.
# (Of all in a drawn order, so that no class goes short.)
few = $(part) --shuffle | rec-cat -q --limit $(PAIRS)
draw = aug-sample -q $(1) --seed 1 | aug-apply -q $(tolerant)
drawn_of = $(drawn.$(notdir $(@D)))
# An experiment may have a policy of its own, in a file.
views_file ?=
whole_policy = $(if $(views_file),--policy $(views_file),--preset $(views.$(PRETRAIN)) $(call option,size,$(SIZE)))
$(OUT)/%.same.feat: $(needs_drawn)
	$(call whole,$(few) | $(extract) $(resized))
$(OUT)/%.same.z.feat: $(needs_drawn)
	$(call whole,$(few) | $(extract) $(resized) --layer projector)
$(OUT)/%.pairs.feat: $(needs_drawn)
	$(call whole,$(few) | $(call draw,$(drawn_of)) | $(extract))
$(OUT)/%.pairs.z.feat: $(needs_drawn)
	$(call whole,$(few) | $(call draw,$(drawn_of)) | $(extract) --layer projector)
# $(call only,OP): where OP does not choose the part of the image, that is the part of `eval`. (The policy has a
# rule of its own: a chain of patterns would lose to the pattern above.)
define only
$(RUNS)/$(1).policy: $(RUNS)/read $(RUNS)/drawn $(views_file)
	$$(call whole,aug-sample $(whole_policy) --dump-policy | \
		sed $(if $(filter crop,$(1)),,-e 's/^op = crop.*/op = eval/') -e '/^op = \($(1)\|eval\)/!{/^op/d}')
$(OUT)/%.only-$(1).feat: $(RUNS)/$(1).policy $$(needs_drawn)
	$$(call whole,$$(few) | $$(call draw,--policy $$<) | $$(extract))
$(OUT)/%.only-$(1).z.feat: $(RUNS)/$(1).policy $$(needs_drawn)
	$$(call whole,$$(few) | $$(call draw,--policy $$<) | $$(extract) --layer projector)
$(OUT)/%.inv-$(1).tsv: $(OUT)/%.test.same.feat $(OUT)/%.test.only-$(1).feat
	$$(call whole,augprobe -q --original $$(word 1,$$^) --test $$(word 2,$$^))
$(OUT)/%.invz-$(1).tsv: $(OUT)/%.test.same.z.feat $(OUT)/%.test.only-$(1).z.feat
	$$(call whole,augprobe -q --original $$(word 1,$$^) --test $$(word 2,$$^))
endef
OPS ?= crop flip color gray $(if $(filter cifar%,$(views.$(PRETRAIN))),,blur)
# Those whose difference is a number to predict.
measured = $(filter crop color blur,$(OPS))
$(foreach o,$(OPS),$(eval $(call only,$(o))))
$(OUT)/%.inv-all.tsv: $(OUT)/%.test.same.feat $(OUT)/%.test.pairs.feat
	$(call whole,augprobe -q --original $(word 1,$^) --test $(word 2,$^))
$(OUT)/%.invz-all.tsv: $(OUT)/%.test.same.z.feat $(OUT)/%.test.pairs.z.feat
	$(call whole,augprobe -q --original $(word 1,$^) --test $(word 2,$^))
$(OUT)/%.aware.tsv: $(OUT)/%.train.pairs.feat $(OUT)/%.test.pairs.feat $(RUNS)/asked
	$(call whole,augprobe -q --train $(word 1,$^) --test $(word 2,$^) $(call option,epochs,$(PROBE_EPOCHS)))

score = $(call score_of,$(call set_of,$@))
# What to learn from, to choose by and to be asked about: $(call parts,TARGET,SUFFIX).
parts = $(foreach p,train $(if $(filter $(unchosen),$(set_of)),,val) test,$(dir $(1))$(set_of).$(p)$(2))
three = --train $(word 1,$^) $(if $(word 3,$^),--val $(word 2,$^)) --test $(lastword $^)
$(OUT)/%.linear.tsv: $$(call parts,$$@,.feat)
	$(call whole,linprobe -q --metric $(score) $(three))
$(OUT)/%.knn.tsv: $(OUT)/%.train.feat $(OUT)/%.test.feat
	$(call whole,knnprobe -q --train $(word 1,$^) --test $(word 2,$^))
$(OUT)/%.boxes.tsv: $$(call parts,$$@,.whole.feat)
	$(call whole,linprobe -q --boxes $(three) $(boxed.$(call set_of,$@)))
$(OUT)/%.sgd.tsv: $(OUT)/%.test.centre.feat $(RUNS)/asked
	$(call whole,$(call read,$(call set_of,$@),trainval) $(hush) $(some) --shuffle --epochs $(SGD_EPOCHS) | \
		aug-sample -q --preset linear --size $(side) --views 1 --seed 1 | aug-apply -q | \
		$(extract) | linprobe -q --sgd --epochs $(SGD_EPOCHS) --train - --test $<)
# Few images: K of each class of train and val, and episodes, over all images of the set.
define few_images
$(OUT)/%.per$(1).tsv: $(OUT)/%.trainval.feat $(OUT)/%.test.feat $(RUNS)/asked
	$$(call whole,linprobe -q --per-class $(1) --draws $(DRAWS) --train $$(word 1,$$^) --test $$(word 2,$$^))
$(OUT)/%.shot$(1).tsv: $(OUT)/%.all.feat $(RUNS)/asked
	$$(call whole,fewshot -q --way 5 --shot $(1) --episodes $(EPISODES) < $$<)
endef
$(foreach k,1 5 10,$(eval $(call few_images,$(k))))
pictured = $(call read,$(call set_of,$@),$(1)) $(some) $(hush)
PRECISION ?= --precision 1$(,)5$(,)10
# Neighbours of some test images, with a picture beside the scores, of the very images that the features are of.
$(OUT)/%.near.tsv: $(OUT)/%.train.feat $(OUT)/%.test.feat
	$(call whole,knnprobe -q --train $(word 1,$^) --test $(word 2,$^) --vote 7 $(PRECISION) --sheet $(@:.tsv=.png) \
		--images <($(call pictured,test))$(,)<($(call pictured,train)))
