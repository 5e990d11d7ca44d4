# The main job from nothing, on images that img-synth draws: pretrain with SimSiam, with
# and without AugSelf; then ask features for the shape, the colour and the place of what
# an image shows. Ends in a table and in demo.png, five images with their nearest
# neighbours under both.
#
#     make -f demo.mk [OUT=dir] [EPOCHS=n ...]
OUT ?= demo

# Images: pretraining, training and choosing probes, testing.
IMAGES ?= 4000
TRAIN ?= 2000
VAL ?= 500
TEST ?= 1000
EPOCHS ?= 24
WIDTH ?= 0.125
BATCH ?= 64
# A rate this high needs its first epochs gentle: the heads would saturate for good.
BASE_LR ?= 0.4
WARMUP ?= 3
WD ?= 5e-4
AUGSELF ?= crop=1,color=1
SEED ?= 0
EPISODES ?= 500
SIZE := 32
POLICY ?= $(dir $(realpath $(lastword $(MAKEFILE_LIST))))demo.policy
POLICY_SUM := $(firstword $(shell cksum < $(POLICY)))
VIEWS := --policy $(POLICY)
KNOBS := POLICY_SUM IMAGES TRAIN VAL TEST EPOCHS WIDTH BATCH BASE_LR WARMUP WD AUGSELF SEED EPISODES
NET = --arch resnet18 --stem cifar --width $(WIDTH) --set hidden=512,bottleneck=128
SGD = --batch $(BATCH) --base-lr $(BASE_LR) --warmup $(WARMUP) --wd $(WD)

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))common.mk

MODELS := pixels random simsiam augself
LABELS := shape colour place
SCORES := $(foreach m,$(MODELS),$(foreach l,$(LABELS),$(foreach s,linear knn shot,$(OUT)/$(m)/$(l).$(s).tsv)))

all: $(OUT)/table.txt $(OUT)/demo.png
	@cat $(OUT)/table.txt
	@echo "neighbours: $(OUT)/demo.png"

# Three sets of images; val continues where train ends.
$(OUT)/train.img $(OUT)/val.img $(OUT)/test.img: $(OUT)/settings
$(OUT)/train.img:
	$(call whole,img-synth -q --count $(TRAIN) --size $(SIZE) --seed $(SEED))
$(OUT)/val.img:
	$(call whole,img-synth -q --count $$(( $(TRAIN) + $(VAL) )) --size $(SIZE) --seed $(SEED) | rec-cat -q --skip $(TRAIN))
$(OUT)/test.img:
	$(call whole,img-synth -q --count $(TEST) --size $(SIZE) --seed $(SEED) --split test)

SOURCE := img-synth -q --count $(IMAGES) --size $(SIZE) --epochs $(EPOCHS) --shuffle
$(eval $(call untrained,$(OUT)/random,$(SEED),$(SOURCE)))
$(eval $(call model,$(OUT)/simsiam,$(SEED),$(SOURCE),--method simsiam))
$(eval $(call model,$(OUT)/augself,$(SEED),$(SOURCE),--method simsiam --augself $(AUGSELF)))
$(foreach m,$(MODELS),$(foreach s,train val test,$(eval $(call features,$(OUT)/$(m),$(s),$(OUT)/$(s).img))))
$(foreach m,$(MODELS),$(foreach l,$(LABELS),$(eval $(call scores,$(OUT)/$(m),$(l)))))

TABLE = awk -f $(HERE)/table.awk -v labels="$(LABELS)" -v classes="8 8 9"
$(OUT)/table.tsv: $(SCORES)
	$(call whole,$(TABLE) -v tsv=1 $(SCORES))
$(OUT)/table.txt: $(SCORES) $(OUT)/table.tsv
	$(call whole,{ echo "img-synth: $(IMAGES) images of $(SIZE) px$(,) $(EPOCHS) epochs$(,) ResNet-18 of width $(WIDTH)$(,) seed $(SEED); \
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
