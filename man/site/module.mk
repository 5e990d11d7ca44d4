# make site: build/site/, static pages that can be put anywhere or looked at from the disk: the manual pages, the reports and
# pictures of the demo in DEMO and of augself(7)'s tutorial in TUTORIAL (which are made first where they are not there),
# and a front page.
SITE ?= build/site
TUTORIAL ?= build/tutorial
# What the tutorial shows, DIR/NAME.png, is tutorial-DIR-NAME.png here.
PICTURES := $(shell sed -n 's/^[.].. picture \([^ ]*\) .*/\1/p' man/augself.7)
picture_of = $(SITE)/tutorial-$(subst /,-,$(1))
SITE_PAGES := $(notdir $(MAN) $(LIBRARY_PAGES))
SITE_FILES := index.html style.css demo.html demo.png views.png $(if $(PICTURES),own.html)
.PHONY: site
site: $(addprefix $(SITE)/,$(SITE_FILES) $(SITE_PAGES:%=%.html)) $(foreach p,$(PICTURES),$(call picture_of,$(p)))
	@echo 'site: $(SITE)/index.html'

# What links may lead to.
$(B)/site.list: $(MAN) $(LIBRARY_PAGES)
	$(Q)printf '%s\n' $(SITE_PAGES) > $@
# Those that are made first: a page of man/ may be made of more than what stands there.
framed = awk -f man/site/mark.awk $< | mandoc -T html -O fragment,man=%N.%S.html > $@.part && awk -v page=$* -v list=$(B)/site.list \
	-v names=$(PAGES_DIR)/names -v source=$< -f man/site/page.awk $@.part > $@ && rm $@.part
$(SITE)/%.html: $(PAGES_DIR)/% man/site/page.awk man/site/mark.awk $(B)/site.list
	$(call say,HTML,$*)
	@mkdir -p $(@D)
	$(Q)$(framed)
$(SITE)/%.html: man/% man/site/page.awk man/site/mark.awk $(B)/site.list
	$(call say,HTML,$*)
	@mkdir -p $(@D)
	$(Q)$(framed)
$(SITE)/index.html: man/site/index.html man/site/list.awk $(MAN) $(LIBRARY_PAGES)
	@mkdir -p $(@D)
	$(Q)awk -f man/site/list.awk $(sort $(MAN) $(LIBRARY_PAGES)) $< > $@
$(SITE)/style.css: man/site/style.css
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(SITE)/views.png: $(TOOLS)
	@mkdir -p $(@D)
	$(Q)PATH=$(abspath $(B)/bin):$$PATH; img-synth -q --count 2 --size 96 | aug-sample -q --preset stl10 | rec-view -q --sheet $@
$(SITE)/demo.png: $(DEMO)/demo.png
	@mkdir -p $(@D)
	$(Q)cp $< $@
# With a way back.
returning = sed 's|<body>|<body><p><a href="index.html">augself</a></p>|' $(1) > $@
$(SITE)/demo.html: $(DEMO)/demo.html
	@mkdir -p $(@D)
	$(Q)$(call returning,$<)
$(SITE)/own.html: $(TUTORIAL)/done
	@mkdir -p $(@D)
	$(Q)$(call returning,$(TUTORIAL)/own/own.html)
$(DEMO)/demo.png: | $(DEMO)/demo.html
$(DEMO)/demo.html: | all
	@echo '  DEMO   first the demo, five to ten minutes'
	$(Q)$(MAKE) --no-print-directory -f pipelines/demo.mk BIN=$(abspath $(B)/bin) OUT=$(DEMO)

# The tutorial, as who reads it types it.
define picture_rule
$(call picture_of,$(1)): $(TUTORIAL)/done
	@mkdir -p $$(@D)
	$$(Q)cp $(TUTORIAL)/$(1) $$@
endef
$(foreach p,$(PICTURES),$(eval $(call picture_rule,$(p))))
$(TUTORIAL)/done: | all
	@echo '  STEPS  first the tutorial, a minute or two'
	$(Q)rm -rf $(TUTORIAL) && mkdir -p $(TUTORIAL)/steps
	$(Q)PATH=$(abspath $(B)/bin):$$PATH BIN=$(abspath $(B)/bin) bash man/site/tutorial.sh man/augself.7 $(TUTORIAL) \
		>$(TUTORIAL)/log 2>&1 || { tail $(TUTORIAL)/log; exit 1; }
	@touch $@
