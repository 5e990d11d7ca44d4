# CIFAR-10: pretrain with SimSiam, with and without AugSelf, for several seeds; linear,
# kNN and few-shot scores of both beside raw pixels and the same network untrained, as
# mean and standard deviation over the seeds. published.tsv has the paper's figures.
#
#     make -f cifar.mk DATA=dir [SCALE=smoke|small|paper] [SEEDS="0 1 2"] [OUT=dir]
#
# DATA is cifar-10-batches-bin or the folder that holds it. smoke takes a minute or two,
# small less than 30 minutes a seed on two cores; paper is 200 epochs at full width.
SCALE ?= small
SEEDS ?= 0 1 2
OUT ?= cifar-$(SCALE)

WIDTH_smoke := 0.0625
WIDTH_small := 0.25
WIDTH_paper := 1
EPOCHS_smoke := 2
EPOCHS_small := 10
EPOCHS_paper := 200
BATCH_smoke := 64
BATCH_small := 128
BATCH_paper := 256
BASE_LR_smoke := 0.12
BASE_LR_small := 0.12
BASE_LR_paper := 0.03
# Training images, how many of them choose the probes' regularisation, test images.
IMAGES_smoke := 2000
IMAGES_small := 20000
IMAGES_paper := 50000
VAL_smoke := 200
VAL_small := 2000
VAL_paper := 5000
TEST_smoke := 1000
TEST_small := 10000
TEST_paper := 10000

ifeq ($(filter $(SCALE),smoke small paper),)
$(error SCALE=$(SCALE): smoke, small or paper)
endif
ifeq ($(DATA),)
$(error DATA=dir is missing: cifar-10-batches-bin, or the folder that holds it)
endif
CIFAR := $(firstword $(wildcard $(DATA)/cifar-10-batches-bin) $(DATA))

WIDTH ?= $(WIDTH_$(SCALE))
EPOCHS ?= $(EPOCHS_$(SCALE))
BATCH ?= $(BATCH_$(SCALE))
BASE_LR ?= $(BASE_LR_$(SCALE))
IMAGES ?= $(IMAGES_$(SCALE))
VAL ?= $(VAL_$(SCALE))
TEST ?= $(TEST_$(SCALE))
WD ?= 5e-4
AUGSELF ?= crop=1,color=1
EPISODES ?= 2000
SIZE := 32
VIEWS := --preset cifar
KNOBS := CIFAR WIDTH EPOCHS BATCH BASE_LR IMAGES VAL TEST WD AUGSELF EPISODES
NET = --arch resnet18 --stem cifar --width $(WIDTH)
SGD = --batch $(BATCH) --base-lr $(BASE_LR) --wd $(WD)

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))common.mk

TRAINED := random simsiam augself
DIRS := $(OUT)/pixels $(foreach s,$(SEEDS),$(foreach m,$(TRAINED),$(OUT)/seed$(s)/$(m)))
SCORES := $(foreach d,$(DIRS),$(foreach s,linear knn shot,$(d)/label.$(s).tsv))

all: $(OUT)/table.txt
	@cat $(OUT)/table.txt

# The first images of the training batches, in file order.
READ := img-read -q cifar10 $(CIFAR)
$(OUT)/train.img $(OUT)/val.img $(OUT)/test.img: $(OUT)/settings
$(OUT)/train.img:
	$(call whole,$(READ) --split trainval --limit $$(( $(IMAGES) - $(VAL) )))
$(OUT)/val.img:
	$(call whole,$(READ) --split trainval --limit $(IMAGES) | rec-cat -q --skip $$(( $(IMAGES) - $(VAL) )))
$(OUT)/test.img:
	$(call whole,$(READ) --split test --limit $(TEST))

SOURCE := $(READ) --split trainval --limit $(IMAGES) --epochs $(EPOCHS) --shuffle
$(foreach s,$(SEEDS),$(eval $(call untrained,$(OUT)/seed$(s)/random,$(s),$(SOURCE))))
$(foreach s,$(SEEDS),$(eval $(call model,$(OUT)/seed$(s)/simsiam,$(s),$(SOURCE),--method simsiam)))
$(foreach s,$(SEEDS),$(eval $(call model,$(OUT)/seed$(s)/augself,$(s),$(SOURCE),--method simsiam --augself $(AUGSELF))))
$(foreach d,$(DIRS),$(foreach s,train val test,$(eval $(call features,$(d),$(s),$(OUT)/$(s).img))))
$(foreach d,$(DIRS),$(eval $(call scores,$(d),label)))

TABLE = awk -f $(HERE)/table.awk -v labels=label \
	-v models="pixels random simsiam augself" -v titles="raw pixels,random network,SimSiam,SimSiam + AugSelf"
$(OUT)/table.tsv: $(SCORES)
	$(call whole,$(TABLE) -v tsv=1 $(SCORES))
$(OUT)/table.txt: $(SCORES) $(OUT)/table.tsv
	$(call whole,{ echo "CIFAR-10$(,) $(SCALE): $(IMAGES) images$(,) $(EPOCHS) epochs$(,) \
		ResNet-18 of width $(WIDTH)$(,) seeds $(SEEDS)"; \
		echo; $(TABLE) $(SCORES); })
