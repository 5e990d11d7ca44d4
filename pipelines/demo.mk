# The main job from nothing, on images that img-synth draws: pretrain with SimSiam, with
# and without AugSelf; then ask features for the shape, the colour and the place of what
# an image shows. Ends in a table and in demo.png, five images with their nearest
# neighbours under both.
#
#     make -f demo.mk [OUT=dir] [EPOCHS=n ...]
NAME := demo
TITLE := What a representation keeps of colour and place
OUT ?= demo
EPISODES ?= 500
# Narrow heads for narrow features.
SET ?= hidden=512,bottleneck=128
KNOBS := EPISODES SET

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))synth.mk
NET += --set $(SET)

MODELS := pixels random simsiam augself
SCORES := $(foreach m,$(MODELS),$(foreach l,$(LABELS),$(foreach s,linear knn shot,$(OUT)/$(m)/$(l).$(s).tsv)))

$(eval $(call untrained,$(OUT)/random,$(SEED),$(SOURCE)))
$(eval $(call model,$(OUT)/simsiam,$(SEED),$(SOURCE),--method simsiam))
$(eval $(call model,$(OUT)/augself,$(SEED),$(SOURCE),--method simsiam --augself $(AUGSELF)))
$(foreach m,$(MODELS),$(foreach s,train val test,$(eval $(call features,$(OUT)/$(m),$(s),$(OUT)/$(s).img))))
$(foreach m,$(MODELS),$(foreach l,$(LABELS),$(eval $(call scores,$(OUT)/$(m),$(l)))))

TABLE = awk -f $(HERE)/table.awk -v labels="$(LABELS)" \
	-v models="pixels random simsiam augself" -v titles="raw pixels,random network,SimSiam,SimSiam + AugSelf"
$(OUT)/table.tsv: $(SCORES)
	$(call whole,$(TABLE) -v tsv=1 $(SCORES))
$(OUT)/table.txt: $(SCORES) $(OUT)/table.tsv
	$(call whole,{ echo "img-synth: $(IMAGES) images of $(SIZE) px$(,) $(EPOCHS) epochs$(,) \
		ResNet-18 of width $(WIDTH)$(,) seed $(SEED); \
		tested on $(TEST) images"; echo; $(TABLE) $(SCORES); })

# Five test images with their nearest training images under both, framed in green where
# the colour agrees.
NEAR := $(OUT)/simsiam/near.tsv $(OUT)/augself/near.tsv
$(NEAR): $(OUT)/%/near.tsv: $(OUT)/%/train.feat $(OUT)/%/test.feat
	@knnprobe -q --label colour --vote 7 --train $(OUT)/$*/train.feat --test $(OUT)/$*/test.feat \
		--neighbours $@ > /dev/null
$(OUT)/demo.png: $(NEAR) $(OUT)/train.img $(OUT)/test.img
	@rec-view -q --neighbours 'SimSiam=$(OUT)/simsiam/near.tsv,AugSelf=$(OUT)/augself/near.tsv' \
		--sheet $@ $(OUT)/test.img $(OUT)/train.img

SEEDS := $(SEED)
dir_of = $(OUT)/$(2)
NETWORKS := $(filter-out pixels,$(MODELS))
title.pixels := Raw pixels
title.random := Untrained
title.simsiam := SimSiam
title.augself := SimSiam + AugSelf
options.random := --steps 0
options.simsiam := --method simsiam
options.augself := --method simsiam --augself $(AUGSELF)
base.augself := simsiam
TABLES := keeps
title.keeps := What linear, nearest-neighbour and few-shot classifiers find
columns.keeps := $(foreach l,$(LABELS),$(l).linear $(l).knn $(l).shot)
CURVES := simsiam augself
MORE = $(call put,sheet¦Test images and their nearest training images$(,) green where the colour agrees¦$(OUT)/demo.png)
EXTRA := $(OUT)/demo.png
SHOWN := $(OUT)/table.txt
include $(HERE)/report.mk
