# The last step of every experiment: a plan of its tables, curves and pictures, and the page and the TSV
# that score-report makes of them.
#
# An experiment says NAME, TITLE and TABLES; of a table T title.T, columns.T, published.T (its
# name in published.tsv) and rows.T, where these are not all MODELS. A column is SET.PROBE, whose answer
# is the file SET.PROBE.tsv beside each model; SET.PROBE@PROBE/METRIC/LABEL is another figure of
# it than the usual (no colon: make would see a rule). mean.T heads a column of means over the
# others. CURVES are models whose logs are drawn; MORE is further lines of the plan, EXTRA files that these need, SHOWN what
# is printed at the end.

# Of a probe: the figure meant, what a heading says of it, and its metric in published.tsv.
figure.linear = linear:$(call score_of,$(1))
figure.knn    = knn:top1
figure.sgd    = linear-sgd:top1
figure.boxes  = boxes:iou
figure.shot1  = fewshot:top1
figure.shot5  = fewshot:top1
figure.per5   = linear-few:top1
figure.per10  = linear-few:top1
said.knn   := kNN
said.sgd   := SGD
said.boxes := IoU
said.shot1 := 1-shot
said.shot5 := 5-shot
said.per5  := 5 a class
said.per10 := 10 a class
known.linear := linear
known.shot1  := 5way1shot
known.shot5  := 5way5shot
known.sgd    := sgd-linear
# There, plant_disease.
known-set = $(subst -,_,$(1))

# Of a column: its file's name, set, probe.
file_of  = $(firstword $(subst @, ,$(1)))
of_set   = $(firstword $(subst ., ,$(1)))
of_probe = $(word 2,$(subst ., ,$(file_of)))
asked_of = $(if $(findstring @,$(1)),$(subst $(file_of)@,,$(1)))
metric_of = $(word 2,$(subst /, ,$(asked_of)))
op_of = $(patsubst inv-%,%,$(patsubst invz-%,%,$(filter inv%,$(of_probe))))
figure_of = $(or $(subst /,:,$(asked_of)),$(if $(op_of),invariance:cosine),$(call figure.$(of_probe),$(of_set)))
# The operation that a figure is of, or the set and, of an unusual figure, at how many.
heading_of = $(or $(word 3,$(subst /, ,$(asked_of))),$(op_of),$(strip $(call title_of,$(of_set)) $(if $(asked_of),$(patsubst \
	precision@%,@%,$(filter precision@%,$(metric_of))),$(said.$(of_probe)))))
# Errors and distances: the less, the better.
less_of = $(if $(filter mse relative l2,$(metric_of)),less)
target_of = $(or $(target.$(1)),$(call known-set,$(of_set))$(tab)$(known.$(of_probe)))
rows_of = $(or $(rows.$(1)),$(MODELS))
# Columns whose set can be read, and the others.
there = $(foreach c,$(columns.$(1)),$(if $(call why_not,$(call of_set,$(c))),,$(c)))
lacking = $(foreach c,$(columns.$(1)),$(if $(call why_not,$(call of_set,$(c))),$(c)))
# $(call dir_of,SEED,MODEL), $(call answer,SEED,MODEL,COLUMN)
dir_of ?= $(OUT)/$(PRETRAIN)/seed$(1)/$(2)
answer = $(dir_of)/$(call file_of,$(3)).tsv
answers = $(foreach c,$(there),$(foreach m,$(rows_of),$(foreach s,$(SEEDS),$(call answer,$(s),$(m),$(c)))))

# What img-read says of the parts of the sets that are learnt from and asked: which are published, and which are ours. (Few-shot
# episodes have no parts.)
parted = $(sort $(foreach t,$(TABLES),$(foreach c,$(call there,$(t)),$(if $(filter shot%,$(call of_probe,$(c))),,$(call of_set,$(c))))))
named = $(foreach s,$(1),$(call reader_of,$(s))=$(subst $(empty) $(empty),_,$(call title_of,$(s)))$(if $(LISTS_$(s)),=$(LISTS_$(s))))
parts_said = $(shell PATH='$(PATH)' img-read --list | awk -v asked='$(call named,$(parted))' -f $(HERE)/parts.awk)

# A line of the plan: fields with ¦ between. Foreach puts blanks between lines, which go again.
put = $(subst ¦,$(tab),$(1))$(nl)
row_plan = $(call put,row¦$(1)¦$(2)¦$(title.$(2))¦$(method.$(2))¦$(augself.$(2)))$(if $(filter $(base.$(2)),$(rows_of)),$(call \
	put,base¦$(1)¦$(2)¦$(base.$(2))))
column_plan = $(call put,column¦$(1)¦$(2)¦$(call heading_of,$(2))¦$(call target_of,$(2))¦$(call less_of,$(2)))
lack_plan = $(call put,missing¦$(1)¦$(2)¦$(call why_not,$(call of_set,$(2))))
score_plan = $(foreach m,$(rows_of),$(foreach s,$(SEEDS),$(call \
	put,score¦$(1)¦$(m)¦$(2)¦$(s)¦$(call answer,$(s),$(m),$(2))¦$(call figure_of,$(2)))))
table_plan = $(call put,table¦$(1)¦$(title.$(1))¦$(published.$(1)))$(foreach m,$(rows_of),$(call \
	row_plan,$(1),$(m)))$(foreach c,$(columns.$(1)),$(call column_plan,$(1),$(c)))$(if $(mean.$(1)),$(call \
	put,mean¦$(1)¦mean¦$(mean.$(1))¦mean11¦linear))$(foreach c,$(lacking),$(call \
	lack_plan,$(1),$(c)))$(foreach c,$(there),$(call score_plan,$(1),$(c)))
curve_plan = $(foreach m,$(CURVES),$(foreach s,$(firstword $(SEEDS)),$(call \
	put,curve¦Training¦$(title.$(m))¦$(call dir_of,$(s),$(m))/log.tsv)))
time_plan = $(foreach m,$(filter-out random,$(NETWORKS)),$(foreach s,$(SEEDS),$(call \
	put,time¦$(title.$(m))$(,) seed $(s)¦$(call dir_of,$(s),$(m))/log.tsv.time.tsv)))
seal_plan = $(foreach m,$(NETWORKS),$(foreach s,$(SEEDS),$(call \
	put,seal¦$(title.$(m))$(,) seed $(s)¦$(call dir_of,$(s),$(m))/model.safetensors)))
proves.smoke ?= Drawn images, networks of a sixteenth of the width, two epochs: every step runs, and nothing is proved.
proves.small ?= Narrow networks, few images and few epochs: the direction of a difference may show, its size does not compare.
proves.paper ?= The published recipe.
said = $(if $(1),$(call put,text¦$(1)))
# What is said before the tables, and the parts of the sets behind them.
plan = $(call put,title¦$(TITLE))$(call put,scale¦$(SCALE)¦$(proves.$(SCALE)))$(foreach t,$(TEXTS),$(call \
	put,text¦$(text.$(t))))$(foreach t,$(TABLES),$(call table_plan,$(t)))$(call said,$(parts_said))$(foreach t,$(BARS),$(call \
	put,bars¦$(t)))$(MORE)$(curve_plan)$(call \
	put,command¦$(COMMAND))$(foreach m,$(NETWORKS),$(call \
	put,command¦$(call as_typed,$(m))))$(seal_plan)$(time_plan)

$(if $(ranks_wrong),$(error $(ranks_wrong)))
$(make_models)
# The networks alone, for a job of many machines: what they are asked takes one.
.PHONY: models
models: $(foreach m,$(NETWORKS),$(foreach s,$(SEEDS),$(call dir_of,$(s),$(m))/model.safetensors))
PLAN := $(OUT)/$(NAME).plan
PAGE := $(OUT)/$(NAME).html
FIGURES := $(OUT)/$(NAME).tsv
plan_text := $(subst $(nl) ,$(nl),$(plan))
ANSWERS := $(foreach t,$(TABLES),$(call answers,$(t))) $(EXTRA)
all: $(PAGE) $(SHOWN)
	@cat $(SHOWN) /dev/null
	@echo "report: $(PAGE), figures: $(FIGURES)"
# Written anew when it says something else. (By a function of make, so that no shell sees it: not for -n.)
$(PLAN): $(if $(subst $(plan_text),,$(file <$(PLAN))$(nl)),FORCE)
	@echo '  $@'
	$(if $(DRY),,$(shell mkdir -p $(OUT))$(file >$@,$(plan_text)))
LOGS := $(foreach m,$(CURVES),$(call dir_of,$(firstword $(SEEDS)),$(m))/model.safetensors)
$(PAGE): $(PLAN) $(ANSWERS) $(LOGS)
	@echo '  $@'
	@score-report -q --published $(HERE)/published.tsv --tsv $(FIGURES) -o $@ $<
$(FIGURES): $(PAGE)

# The report while it is being made, for a second terminal: written anew every LIVE seconds, until nothing is missing.
LIVE ?= 60
.PHONY: live
live: $(PLAN)
	@score-report --live $(LIVE) --published $(HERE)/published.tsv -o $(OUT)/$(NAME).live.html $<

# A variable that nothing reads is a typing error, which would be noticed after hours. (In a make below another, variables are
# the other's too.)
ifeq ($(MAKELEVEL),0)
makefiles.text := $(foreach f,$(MAKEFILE_LIST),$(file <$(f)))
families := DATA $(addsuffix _%,BATCH CLASSES DATA EPISODES EPOCHS HEAD LISTS PAIRS SEEDS SET SIZE WIDTH)
typed := $(foreach v,$(filter-out $(families),$(.VARIABLES)),$(if $(filter command,$(origin $(v))),$(v)))
is_read = $(findstring -,$(1))$(findstring .,$(1))$(findstring ($(1)),$(makefiles.text))$(findstring $(1) ?=,$(makefiles.text))
$(foreach v,$(typed),$(if $(call is_read,$(v)),,$(error \
	$(v): no such setting of $(NAME).mk; augself-experiments(7) and its first lines list them)))
endif
