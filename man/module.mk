# Manual pages of the public headers, section 3, made from their comments: augself-FLOOR-NAME(3) for each of them, and
# augself(3), where they are listed and the examples stand. By the name of a function or a type a link leads to its page.
PAGES_DIR := $(B)/man
HEADER_PAGES := $(foreach h,$(filter-out lib/augself.h,$(HEADERS)),$(PAGES_DIR)/augself-$(subst /,-,$(h:lib/%.h=%)).3)
LIBRARY_PAGES := $(PAGES_DIR)/augself.3 $(HEADER_PAGES)
HEADERS_AWK := awk -v date="$$(sed -n 's/^[.]Dd //p' man/augself.3)"

# One run makes all; what is no page of a header any more goes.
$(PAGES_DIR)/names: $(HEADERS) man/headers.awk man/augself.3
	$(call say,MAN,'the headers')
	$(Q)rm -rf $(PAGES_DIR) && mkdir -p $(PAGES_DIR)
	$(Q)$(HEADERS_AWK) -v index_only=0 -v dir=$(PAGES_DIR) -f man/headers.awk $(filter-out lib/augself.h,$(HEADERS))
$(HEADER_PAGES): $(PAGES_DIR)/names
	@touch $@

# .\" example NAME and .\" headers in it are replaced by what they name.
$(PAGES_DIR)/augself.3: man/augself.3 man/fill.awk $(wildcard examples/*.c) $(PAGES_DIR)/names
	$(Q)$(HEADERS_AWK) -v index_only=1 -v dir= -f man/headers.awk $(filter-out lib/augself.h,$(HEADERS)) > $@.index
	$(Q)awk -v index_file=$@.index -f man/fill.awk man/augself.3 > $@.new && rm $@.index && mv $@.new $@
all: $(LIBRARY_PAGES)

# $(call put_links,DIR), $(call drop_links,DIR)
# (What is a type on one page and a function on another leads to the function.)
put_links = set -e; sort -k2,2r $(PAGES_DIR)/names | awk -F'\t' '$$2 != "constant" { print $$1, $$3 }' | \
	while read -r name page; do ln -sf "$$page.3" '$(1)/'"$$name.3"; done
drop_links = for l in '$(1)'/as_*.3; do case "$$(readlink "$$l")" in augself-*.3) rm -f "$$l" ;; esac; done
