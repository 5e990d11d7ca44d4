# The main job, from nothing to a table. Settings of demo.mk (EPOCHS=, ...) may be given.
DEMO := build/demo
.PHONY: demo
demo: all
	$(MAKE) --no-print-directory -f pipelines/demo.mk BIN=$(abspath $(B)/bin) OUT=$(DEMO)
