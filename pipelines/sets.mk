# The datasets that experiments ask about. DATA is the folder that holds them as their archives
# unpack (img-read --list says how that is); with SCALE=smoke img-synth writes small ones of
# the same layouts. A set that is not there leaves its cells empty, and the report says why.
#
# The score that the set is judged by; the images of train, val and test, for `make plan`
# alone (what is read is counted); the title.
set.cifar10       := top1      45000   5000  10000 CIFAR-10
set.cifar100      := top1      45000   5000  10000 CIFAR-100
set.food101       := top1      68175   7575  25250 Food-101
set.mit67         := top1      4690    670   1340  MIT67
set.pets          := per-class 2940    740   3669  Pets
set.flowers102    := per-class 1020    1020  6149  Flowers
set.caltech101    := per-class 2525    505   5647  Caltech101
set.cars          := top1      7000    1144  8041  Cars
set.aircraft      := per-class 3334    3333  3333  Aircraft
set.dtd           := top1      1880    1880  1880  DTD
set.sun397        := top1      15880   3970  19850 SUN397
set.stl10         := top1      4500    500   8000  STL-10
set.cub200        := top1      4994    1000  5794  CUB-200
set.dogs          := top1      10800   1200  8580  Dogs
set.imagenet      := top1      1281167 0     50000 ImageNet
set.imagenet100   := top1      126689  0     5000  ImageNet100
set.fc100         := top1      12000   0     0     FC100
set.plant-disease := top1      54305   0     0     Plant Disease
set.voc           := iou       2501    2510  4952  VOC2007
set.bccd          := iou       120     40    40    BCCD
# How many classes, for `make plan`.
$(foreach s,cifar10:10 cifar100:100 food101:101 mit67:67 pets:37 flowers102:102 caltech101:101 cars:196 aircraft:100 dtd:47 \
	sun397:397 stl10:10 cub200:200 dogs:120 imagenet:1000 imagenet100:100 fc100:20 plant-disease:38,$(eval \
	labels.$(firstword $(subst :, ,$(s))) := $(lastword $(subst :, ,$(s)))))
# The eleven of the paper's tables.
ELEVEN := cifar10 cifar100 food101 mit67 pets flowers102 caltech101 cars aircraft dtd sun397

score_of = $(word 1,$(set.$(1)))
title_of = $(wordlist 5,99,$(set.$(1)))

# How a set calls a part, where it has other names than train, val, test, trainval and all. What has
# no part of its own to choose by holds out some of train.
part.imagenet.test := val
part.imagenet.trainval := train
part.imagenet100.test := val
part.imagenet100.trainval := train
part.fc100.all := test
part.cifar10.all := test
part.cifar100.all := test
part.stl10.all := test
unchosen := imagenet imagenet100

# What img-read is told: a set's name, or how it is called there, and the class it boxes.
reader_of = $(or $(reader.$(1)),$(1))
reader.bccd := voc
boxed.bccd = $(if $(SMOKE),person,WBC)
boxed.voc := person
# Where a set lies: DATA_cub200=dir for one that lies elsewhere.
place_of = $(or $(DATA_$(1)),$(if $(SMOKE),$(DATA)/$(1)),$(place.$(1)),$(DATA))
place.bccd = $(DATA)/bccd
# A part of a set: $(call read,SET,SPLIT); read.SET, of SPLIT, is one that is read in another way.
read = $(if $(read.$(1)),$(call read.$(1),$(2)),$(read_set))
# People's own images, the set `own`: an experiment says where they lie, `images`, whether their folders are classes,
# `classes`, and how large train, val and test are to one another, `ratio`.
set.own := top1 0 0 0 own images
reader.own = $(if $(classes),folder,tree)
read.own = img-read -q $(reader.own) $(images) --part $(1) --ratio $(ratio) --max-bad $(MAX_BAD)
# Behind it: that smoke's sets are smaller than the published ones is no news; of others it is said once.
hush = 2> >($(if $(SMOKE),grep -v "the published set has\|too few images for",awk -v told=$(OUT)/told $(once) -f $(HERE)/once.awk) >&2)
read_set = img-read -q $(call reader_of,$(1)) $(call place_of,$(1)) $(list_or_split) --max-bad $(MAX_BAD) \
	$(if $(CLASSES_$(1)),--classes $(CLASSES_$(1)))

# LISTS_cub200=dir: where dir/PART.txt is a list, as the authors published them, in place of our parts.
list_of = $(if $(LISTS_$(1)),$(wildcard $(LISTS_$(1))/$(2).txt))
list_or_split = $(if $(list_of),--split-from $(list_of),--split $(or $(part.$(1).$(2)),$(2)))

# What must be there before a set can be read, a file of smoke's or nothing; asked for by
# prerequisites, so that -n writes none.
ready = $(if $(SMOKE),$(OUT)/data/$(1).made)
# Of layouts that need no library for MATLAB's files.
layout.bccd := voc
layout.cars := cars-folders
layout.flowers102 := flowers102-folders
$(OUT)/data/%.made:
	@echo '  $@'
	@mkdir -p $(@D)/$*
	@img-synth -q --layout $(or $(layout.$*),$*) --out $(@D)/$* > $@.part
	@mv -f $@.part $@

# Why a set cannot be read; empty: it can. Asked once a set, and only where a table has it.
why_not = $(if $(SMOKE),,$(if $(asked.$(1)),,$(eval asked.$(1) := yes)$(eval why.$(1) := $(strip $(subst $(tab), ,$(try)))))$(why.$(1)))
try = $(shell PATH='$(PATH)'; said=$$($(call read,$(1),$(or $(first.$(1)),test)) --limit 1 2>&1 >/dev/null) || \
	tail -n 1 <<<"$$said")
first.fc100 := all
first.plant-disease := all
