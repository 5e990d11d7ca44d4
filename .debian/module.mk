# Debian's packages, in build/deb: programs, library, headers, documents. TARBALL= is of a release; otherwise it is
# that of the last commit.
.PHONY: deb
deb: $(if $(filter file,$(origin TARBALL)),dist) | $(DEPS)
	JOBS=$(JOBS) sh .debian/build $(TARBALL) build/deb
