/* Loads OpenBLAS when it is first needed. OpenBLAS cannot report failures: while it is loaded it starts a
 * thread for each CPU and ends the process if the system refuses one; a call that gets no memory for its
 * buffer retries for ever. So this file loads it with one thread, and makes its buffers before they are
 * needed, after checking that the system has the memory. */
#include "kern/blas.h"

#include <assert.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kern/gemm.h"
#include "kern/isa.h"

/* The library name that programs linked to it would use. */
#define LIBRARY "libopenblas.so.0"

/* BUFFER: bytes of a buffer, at most 128 MiB in all builds that we know. LOADED: bytes that loading takes:
 * the library; the Fortran runtime, which ends the process if it gets no memory; and one buffer, which
 * OpenBLAS 0.3.29 takes while it is loaded, waiting for ever if there is none. */
enum { BUFFER = (128 + 2) << 20, LOADED = (64 << 20) + BUFFER, MOST_THREADS = 1024 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct as_blas blas;
static bool loaded;
static int buffers; /* how many buffers OpenBLAS has */
static char core[160], complaint[240], failure[256];

/* The instruction set that OpenBLAS's core of this name uses. */
static enum as_isa core_isa(const char *name)
{
#if defined(__x86_64__)
	static const struct {
		const char *name;
		enum as_isa isa;
	} known[] = {
		{"SkylakeX", AS_ISA_AVX512}, {"Cooperlake", AS_ISA_AVX512}, {"SapphireRapids", AS_ISA_AVX512},
		{"Haswell", AS_ISA_AVX2},    {"Zen", AS_ISA_AVX2},
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (!strcasecmp(name, known[i].name))
			return known[i].isa;
	return AS_ISA_GENERIC;
#else
	(void)name;
	return as_isa_best(); /* these cores use the best set of the CPU */
#endif
}

/* Sets *function, a pointer to a function, to the library's function of this name. */
static bool find(void *library, const char *name, void *function)
{
	void *at = dlsym(library, name);
	memcpy(function, &at, sizeof at);
	return at != NULL;
}

/* Whether the system has this much memory. */
static bool room(size_t bytes)
{
	char *some = malloc(bytes);
	if (some)
		*(volatile char *)some = 0; /* touched, so that the memory is really taken */
	bool yes = some != NULL;
	free(some);
	return yes;
}

/* OpenBLAS reads the number of threads from the environment once, while it is loaded. Afterwards the user's
 * value is restored, for commands that we run and for the program that uses this library. */
static void *open_with_one_thread(void)
{
	static const char threads[] = "OPENBLAS_NUM_THREADS";
	const char *said = getenv(threads);
	char *before = said ? strdup(said) : NULL;
	setenv(threads, "1", 1);
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (before)
		setenv(threads, before, 1);
	else
		unsetenv(threads);
	free(before);
	return library;
}

static bool load(void)
{
	const struct {
		const char *name;
		void *function;
	} wanted[] = {
		{"cblas_sgemm", &blas.sgemm}, {"cblas_dgemm", &blas.dgemm}, {"dsyevd_", &blas.dsyevd},
		{"openblas_get_config", &blas.config}, {"openblas_get_corename", &blas.corename},
		{"openblas_get_num_threads", &blas.get_threads}, {"openblas_set_num_threads", &blas.set_threads},
		{"blas_memory_alloc", &blas.take}, {"blas_memory_free", &blas.give},
	};
	if (!room(LOADED)) {
		snprintf(failure, sizeof failure, "no memory, of which it takes %d MiB", LOADED >> 20);
		return false;
	}
	void *library = open_with_one_thread();
	bool all = library != NULL;
	for (size_t i = 0; all && i < sizeof wanted / sizeof wanted[0]; i++)
		all = find(library, wanted[i].name, wanted[i].function);
	if (!all)
		snprintf(failure, sizeof failure, "%s", dlerror());
	return all;
}

/* An OpenBLAS that is older than the CPU takes a slow core, if nobody tells it a better one. */
static void complain_of_core(const char *name)
{
	const char *isa = as_isa_name(as_isa_chosen());
	const char *advice = getenv("OPENBLAS_CORETYPE")  ? "OPENBLAS_CORETYPE is set"
			     : strcmp(isa, "avx512") == 0 ? "OPENBLAS_CORETYPE=SkylakeX in the environment may help"
							  : "OPENBLAS_CORETYPE=Haswell in the environment may help";
	snprintf(complaint, sizeof complaint,
		 "OpenBLAS multiplies with its %s core on a CPU with %s, at a fraction of its speed (%s)", name, isa, advice);
}

static void start(void)
{
	if (!(loaded = load())) {
		snprintf(core, sizeof core, "no OpenBLAS: %.100s", failure);
		return;
	}
	const char *name = blas.corename();
	blas.set_threads(1);
	snprintf(core, sizeof core, "%s", blas.config());
	if (blas.get_threads() != 1)
		snprintf(complaint, sizeof complaint, "OpenBLAS runs %d threads and would not go down to one",
			 blas.get_threads());
	else if (core_isa(name) < as_isa_chosen())
		complain_of_core(name);
}

const struct as_blas *as_blas(void)
{
	pthread_once(&once, start);
	assert(loaded);
	return &blas;
}

const char *as_blas_core(void)
{
	pthread_once(&once, start);
	return core;
}

const char *as_blas_complaint(void)
{
	pthread_once(&once, start);
	return complaint[0] ? complaint : NULL;
}

/* Takes all buffers at once and gives them back: OpenBLAS keeps them. */
static int make_buffers(int threads, struct as_error *err)
{
	void *taken[MOST_THREADS];
	int n = 0;
	while (n < threads && (n < buffers || room(BUFFER)))
		taken[n++] = blas.take(0);
	buffers = n > buffers ? n : buffers;
	for (int i = 0; i < n; i++)
		blas.give(taken[i]);
	if (n == threads)
		return 0;
	return as_fail(err, AS_EMEM, "OpenBLAS: no memory for %d of its %d buffers of %d MiB, one a thread%s", threads - n,
		       threads, BUFFER >> 20, threads > 1 ? "; -j 1 takes one" : "");
}

int as_blas_ready(const struct as_pool *pool, struct as_error *err)
{
	int threads = as_pool_threads(pool), rc = 0;
	pthread_once(&once, start);
	if (!loaded)
		return as_fail(err, AS_EMEM, "OpenBLAS cannot be loaded (package libopenblas0): %s", failure);
	pthread_mutex_lock(&lock);
	threads = threads < MOST_THREADS ? threads : MOST_THREADS;
	if (threads > buffers)
		rc = make_buffers(threads, err);
	pthread_mutex_unlock(&lock);
	return rc;
}
