# make site: build/site, static pages that can be put anywhere or looked at from the disk: the manual pages, the report of
# the demo in DEMO (which is made first where it is not there), pictures, and a front page.
SITE ?= build/site
SITE_PAGES := $(notdir $(MAN) $(LIBRARY_PAGES))
SITE_FILES := index.html style.css demo.html demo.png views.png
.PHONY: site
site: $(addprefix $(SITE)/,$(SITE_FILES) $(SITE_PAGES:%=%.html))
	@echo 'site: $(SITE)/index.html'

# What links may lead to.
$(B)/site.list: $(MAN) $(LIBRARY_PAGES)
	$(Q)printf '%s\n' $(SITE_PAGES) > $@
# Those that are made first: a page of man/ may be made of more than what stands there.
framed = mandoc -T html -O fragment,man=%N.%S.html $< > $@.part && awk -v page=$* -v list=$(B)/site.list \
	-v names=$(PAGES_DIR)/names -f site/page.awk $@.part > $@ && rm $@.part
$(SITE)/%.html: $(PAGES_DIR)/% site/page.awk $(B)/site.list
	$(call say,HTML,$*)
	@mkdir -p $(@D)
	$(Q)$(framed)
$(SITE)/%.html: man/% site/page.awk $(B)/site.list
	$(call say,HTML,$*)
	@mkdir -p $(@D)
	$(Q)$(framed)
$(SITE)/index.html: site/index.html site/list.awk $(MAN) $(LIBRARY_PAGES)
	@mkdir -p $(@D)
	$(Q)awk -f site/list.awk $(sort $(MAN) $(LIBRARY_PAGES)) $< > $@
$(SITE)/style.css: site/style.css
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(SITE)/views.png: $(TOOLS)
	@mkdir -p $(@D)
	$(Q)PATH=$(abspath $(B)/bin):$$PATH; img-synth -q --count 2 --size 96 | aug-sample -q --preset stl10 | rec-view -q --sheet $@
$(SITE)/demo.png: $(DEMO)/demo.png
	@mkdir -p $(@D)
	$(Q)cp $< $@
# With a way back.
$(SITE)/demo.html: $(DEMO)/demo.html
	@mkdir -p $(@D)
	$(Q)sed 's|<body>|<body><p><a href="index.html">augself</a></p>|' $< > $@
$(DEMO)/demo.png: | $(DEMO)/demo.html
$(DEMO)/demo.html: | all
	@echo '  DEMO   first the demo, five to ten minutes'
	$(Q)$(MAKE) --no-print-directory -f pipelines/demo.mk BIN=$(abspath $(B)/bin) OUT=$(DEMO)
