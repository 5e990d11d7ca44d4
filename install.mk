# install, uninstall: programs, library, headers, pkg-config file, man pages, pipelines.
prefix ?= /usr/local
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
libdir ?= $(exec_prefix)/lib
includedir ?= $(prefix)/include
mandir ?= $(prefix)/share/man
datadir ?= $(prefix)/share
pkgconfigdir ?= $(libdir)/pkgconfig
INSTALL ?= install

# Public is what augself.h names.
HEADERS := lib/augself.h $(addprefix lib/,$(shell sed -n 's/^#include "\(.*\)"/\1/p' lib/augself.h))
MAN := $(sort $(wildcard man/*.[157]))
PIPELINES := $(sort $(wildcard pipelines/*.mk pipelines/*.awk pipelines/*.tsv))
PIPELINES := $(filter-out pipelines/module.mk,$(PIPELINES))

# $(call put,MODE,FILES,DIR)
put = $(if $(strip $(2)),$(INSTALL) -d '$(DESTDIR)$(3)' && $(INSTALL) -m $(1) $(2) '$(DESTDIR)$(3)',:)
# $(call in_dir,DIR/,FILES): those right in DIR.
in_dir = $(foreach f,$(2),$(if $(filter $(1),$(dir $(f))),$(f)))
put_headers = $(call put,644,$(call in_dir,$(1),$(HEADERS)),$(includedir)/augself/$(1:lib/%=%))

# Requires.private: what a static link needs, and what the headers do not.
define PC
prefix=$(prefix)
exec_prefix=$(exec_prefix)
libdir=$(libdir)
includedir=$(includedir)

Name: augself
Description: augmentation-aware self-supervised learning
Version: $(VERSION)
Requires.private: msgpack, jansson, libxxhash, libpng, libjpeg, liblbfgs, openblas
Libs: -L$${libdir} -laugself
Libs.private: -lm -pthread
Cflags: -I$${includedir}/augself
endef

.PHONY: install uninstall
install: export AS_PC = $(PC)
install: all
	$(call put,755,$(TOOLS),$(bindir))
	$(call put,644,$(LIB_A) $(LIB_SO),$(libdir))
	ln -sf $(notdir $(LIB_SO)) '$(DESTDIR)$(libdir)/$(SONAME)'
	ln -sf $(SONAME) '$(DESTDIR)$(libdir)/libaugself.so'
	set -e; $(foreach d,$(sort $(dir $(HEADERS))),$(call put_headers,$(d));)
	$(INSTALL) -d '$(DESTDIR)$(pkgconfigdir)'
	printf '%s\n' "$$AS_PC" > '$(DESTDIR)$(pkgconfigdir)/augself.pc'
	set -e; $(foreach s,1 5 7,$(call put,644,$(filter %.$(s),$(MAN)),$(mandir)/man$(s));)
	$(call put,644,$(PIPELINES),$(datadir)/augself/pipelines)

uninstall:
	rm -f $(foreach t,$(TOOLS),'$(DESTDIR)$(bindir)/$(notdir $(t))') \
		$(foreach l,libaugself.a libaugself.so $(SONAME) $(notdir $(LIB_SO)),'$(DESTDIR)$(libdir)/$(l)') \
		'$(DESTDIR)$(pkgconfigdir)/augself.pc' \
		$(foreach m,$(MAN),'$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))')
	rm -rf '$(DESTDIR)$(includedir)/augself' '$(DESTDIR)$(datadir)/augself'
