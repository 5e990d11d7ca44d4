/* What this machine can do at most, measured in turns with what is compared with it. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/pool.h"
#include "bench.h"

/* Independent sums that hide the latency of a multiply-add, 4 or 5 cycles on two units. */
enum { SUMS = 12, TURNS = 1 << 20 };

struct ceiling {
	struct as_pool *pool;
	int threads;
	int64_t n; /* floats a thread */
	float *from, *to;
	float sum[2][64]; /* what was computed, lest it be left out */
	uint8_t *jpeg[PHOTOS];
	size_t count[PHOTOS];
};

static struct ceiling *start(const char *threads)
{
	struct ceiling *s = calloc(1, sizeof *s);
	struct as_error err;
	s->threads = whole(threads);
	if (s->threads > 2 || as_pool_new(&s->pool, s->threads, &err))
		die("one thread or two");
	return s;
}

/* --- multiply-adds --- */

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f"))) static double fma_avx512(float *out)
{
	__m512 sum[SUMS], x = _mm512_set1_ps(.999f), y = _mm512_set1_ps(.001f);
	for (int i = 0; i < SUMS; i++)
		sum[i] = _mm512_set1_ps((float)i);
	for (int t = 0; t < TURNS; t++)
#pragma GCC unroll 12
		for (int i = 0; i < SUMS; i++)
			sum[i] = _mm512_fmadd_ps(sum[i], x, y);
	for (int i = 1; i < SUMS; i++)
		sum[0] = _mm512_add_ps(sum[0], sum[i]);
	_mm512_storeu_ps(out, sum[0]);
	return 2. * 16 * SUMS * TURNS;
}

__attribute__((target("avx2,fma"))) static double fma_avx2(float *out)
{
	__m256 sum[SUMS], x = _mm256_set1_ps(.999f), y = _mm256_set1_ps(.001f);
	for (int i = 0; i < SUMS; i++)
		sum[i] = _mm256_set1_ps((float)i);
	for (int t = 0; t < TURNS; t++)
#pragma GCC unroll 12
		for (int i = 0; i < SUMS; i++)
			sum[i] = _mm256_fmadd_ps(sum[i], x, y);
	for (int i = 1; i < SUMS; i++)
		sum[0] = _mm256_add_ps(sum[0], sum[i]);
	_mm256_storeu_ps(out, sum[0]);
	return 2. * 8 * SUMS * TURNS;
}
#endif

static double fma_plain(float *out)
{
	float sum[SUMS];
	for (int i = 0; i < SUMS; i++)
		sum[i] = (float)i;
	for (int t = 0; t < TURNS; t++)
		for (int i = 0; i < SUMS; i++)
			sum[i] = sum[i] * .999f + .001f;
	for (int i = 0; i < SUMS; i++)
		*out += sum[i];
	return 2. * SUMS * TURNS;
}

static double fma_best(float *out)
{
#if defined(__x86_64__)
	const char *isa = getenv("AUGSELF_ISA");
	if (__builtin_cpu_supports("avx512f") && !(isa && !strcmp(isa, "avx2")))
		return fma_avx512(out);
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return fma_avx2(out);
#endif
	return fma_plain(out);
}

static double flops[2];

static void fma_task(void *ctx, int64_t i, int thread)
{
	struct ceiling *s = ctx;
	(void)thread;
	flops[i] = fma_best(s->sum[i]);
}

static double run_fma(void *self)
{
	struct ceiling *s = self;
	as_each(s->pool, s->threads, fma_task, s);
	return s->threads * flops[0];
}

static void open_fma(char **arg, struct job *job)
{
	*job = (struct job){start(arg[0]), run_fma, {{0}}};
}

/* --- memory --- */

typedef float vec __attribute__((vector_size(64)));

static void read_task(void *ctx, int64_t i, int thread)
{
	struct ceiling *s = ctx;
	const vec *x = (const vec *)(const void *)(s->from + i * s->n);
	vec sum[8] = {{0}};
	(void)thread;
	for (int64_t k = 0; k < s->n / 16; k += 8)
		for (int q = 0; q < 8; q++)
			sum[q] += x[k + q];
	for (int q = 0; q < 8; q++)
		s->sum[i][q] = sum[q][0];
}

static double run_read(void *self)
{
	struct ceiling *s = self;
	as_each(s->pool, s->threads, read_task, s);
	return 4. * (double)(s->n * s->threads);
}

/* The matrix that a linear probe reads again and again: 20 MB, from wherever they fit. */
static void open_read(char **arg, struct job *job)
{
	struct ceiling *s = start(arg[0]);
	s->n = (int64_t)PROBE_ROWS * PROBE_WIDTH / s->threads / 128 * 128;
	s->from = floats(s->n * s->threads);
	*job = (struct job){s, run_read, {{0}}};
}

static void copy_task(void *ctx, int64_t i, int thread)
{
	struct ceiling *s = ctx;
	(void)thread;
	memcpy(s->to + i * s->n, s->from + i * s->n, (size_t)s->n * sizeof(float));
}

/* Bytes read plus bytes written. */
static double run_copy(void *self)
{
	struct ceiling *s = self;
	as_each(s->pool, s->threads, copy_task, s);
	return 8. * (double)(s->n * s->threads);
}

static void open_copy(char **arg, struct job *job)
{
	struct ceiling *s = start(arg[0]);
	s->n = 32 << 20;
	s->from = floats(s->n * s->threads);
	s->to = floats(s->n * s->threads);
	*job = (struct job){s, run_copy, {{0}}};
}

/* --- JPEG: Huffman decoding alone, which no crop can spare --- */

static double run_entropy(void *self)
{
	struct ceiling *s = self;
	for (int i = 0; i < PHOTOS; i++) {
		struct jpeg_decompress_struct j;
		struct jpeg_error_mgr errors;
		j.err = jpeg_std_error(&errors);
		jpeg_create_decompress(&j);
		jpeg_mem_src(&j, s->jpeg[i], s->count[i]);
		jpeg_read_header(&j, TRUE);
		if (!jpeg_read_coefficients(&j))
			die("no coefficients");
		jpeg_finish_decompress(&j);
		jpeg_destroy_decompress(&j);
	}
	return PHOTOS;
}

static void open_entropy(char **arg, struct job *job)
{
	struct ceiling *s = start("1");
	mallopt(M_MMAP_THRESHOLD, 64 << 20); /* coefficients in memory that is kept: no page faults */
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	for (int i = 0; i < PHOTOS; i++) {
		char name[64];
		snprintf(name, sizeof name, "photo-%02d.jpg", i);
		s->jpeg[i] = read_input(arg[0], name, &s->count[i]);
	}
	*job = (struct job){s, run_entropy, {{0}}};
}

const struct work ceiling_works[] = {
	{"fma", "THREADS", 1, open_fma},
	{"read", "THREADS", 1, open_read},
	{"copy", "THREADS", 1, open_copy},
	{"entropy", "INPUTS", 1, open_entropy},
	{0},
};
