# make bench: ours and, where they are installed, others, in turns; no test. make bench-peers
# installs the others into an environment of their own, PEERS.
#
#   make bench BENCH=step            lines whose names start so; BENCH=list says which there are
#   make bench BENCH=predict         steps on more cores and ranks than are here (predict.c); some minutes
#   make bench BENCH=ranks           two ranks of this machine, beside what is predicted of them
#   make bench BENCH=layers          rounds and tasks of each layer; layers,resnet50,224,256,64: px, batch, cores
#   AUGSELF_ISA=avx2 make bench      everybody without AVX-512
#   BENCH_PAIRS=9 BENCH_SECONDS=2    turns, and seconds of each at least
#   BENCH_CLOCK=cpu                  count CPU time: for a machine that does other things too
PEERS ?= build/peers
PEERS_PIP ?= # options of pip, such as an index that has CPU builds of torch
BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/*.c))
BENCH_OURS := $(B)/tests/bench/ours
BENCH_LIBLINEAR := $(B)/tests/bench/liblinear
BENCH_PREDICT := $(B)/tests/bench/predict
predict_wraps := each beside beside_end memory_fits trace_begin trace_end

$(BENCH_OURS): $(filter-out %/liblinear.o %/predict.o %/predict_tables.o,$(BENCH_OBJ)) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(all_ldflags) -o $@ $(filter %.o,$^) $(LIB_A) $(LIBS)
$(BENCH_PREDICT): $(addprefix $(B)/tests/bench/,predict.o predict_tables.o net.o serve.o) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(all_ldflags) $(predict_wraps:%=-Wl,--wrap=as_%) -o $@ \
		$(filter %.o,$^) $(LIB_A) $(LIBS)
$(BENCH_LIBLINEAR): $(addprefix $(B)/tests/bench/,liblinear.o serve.o inputs.o) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(all_ldflags) -o $@ $(filter %.o,$^) $(LIB_A) -llinear $(LIBS)

tests: $(BENCH_OURS) $(BENCH_PREDICT) # lest it stop compiling unseen

.PHONY: bench bench-peers
bench: all $(BENCH_OURS) $(BENCH_PREDICT) $(if $(wildcard /usr/include/linear.h),$(BENCH_LIBLINEAR))
	@BUILD=$(abspath $(B)) PEERS=$(abspath $(PEERS)) MAKEFLAGS= tests/bench/run '$(BENCH)'

bench-peers: $(BENCH_LIBLINEAR)
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --upgrade $(PEERS_PIP) -r tests/bench/peers/requirements.txt
