/* as_gemm against three loops in double, all four transpositions, odd sizes and
 * strides; and what it says about OpenBLAS. */
#include "kern/gemm.h"

#include <stdlib.h>

#include "base/rng.h"
#include "kern/isa.h"

#include "../tap.h"

enum { M = 37, N = 19, K = 53, LD = 61 };

/* The tiled product is the whole one, for any number of threads to the bit. */
static void test_tiles(void)
{
	enum { TM = 130, TN = 1100, TK = 40 };
	static float a[TM * TK], b[TN * TK], c[3][TM * (TN + 1)];
	static const int threads[] = {1, 1, 3};
	struct as_rng r = as_rng_at(1, 2, 3, 4, 6);
	for (int i = 0; i < TM * TK; i++)
		a[i] = (float)as_rng_between(&r, -1, 1);
	for (int i = 0; i < TN * TK; i++)
		b[i] = (float)as_rng_between(&r, -1, 1);
	as_gemm(false, true, TM, TN, TK, 2, a, TK, b, TK, 0, c[0], TN + 1);
	for (int i = 1; i < 3; i++) {
		struct as_pool *pool;
		struct as_error err;
		if (as_pool_new(&pool, threads[i], &err))
			abort();
		as_gemm_each(pool, false, true, TM, TN, TK, 2, a, TK, b, TK, 0, c[i], TN + 1);
		as_pool_free(pool);
	}
	is_near(c[1], c[0], TM * (TN + 1), 2e-6, "130 x 1100 in tiles"); /* sums of 40 products below 1 */
	ok(!memcmp(c[1], c[2], sizeof c[1]), "... the same bytes from 3 threads");
}

int main(int argc, char **argv)
{
	if (argc > 1) { /* what is complained of: nothing, something, a core that is taken for unknown CPUs, one that was asked for */
		const char *said = as_blas_complaint();
		note("%s", said ? said : "no complaint");
		return !said ? 0 : strstr(said, "CORETYPE is set") ? 3 : strstr(said, "Barcelona core") ? 2 : 1;
	}
	static float a[LD * LD], b[LD * LD], c[LD * LD], want[LD * LD];
	struct as_rng r = as_rng_at(1, 2, 3, 4, 5);
	for (int i = 0; i < LD * LD; i++) {
		a[i] = (float)as_rng_between(&r, -1, 1);
		b[i] = (float)as_rng_between(&r, -1, 1);
	}
	for (int t = 0; t < 4; t++) {
		bool ta = t & 1, tb = t & 2;
		for (int i = 0; i < LD * LD; i++)
			c[i] = want[i] = (float)i / LD;
		for (int i = 0; i < M; i++)
			for (int j = 0; j < N; j++) {
				double s = 0;
				for (int k = 0; k < K; k++)
					s += (double)a[ta ? k * LD + i : i * LD + k] * b[tb ? j * LD + k : k * LD + j];
				want[i * LD + j] = (float)(0.5 * s - 2.0 * want[i * LD + j]);
			}
		as_gemm(ta, tb, M, N, K, 0.5f, a, LD, b, LD, -2.0f, c, LD);
		/* 53 products of numbers below 1 beside 2 c of up to 74: float32 rounding */
		is_near(c, want, LD * LD, 1e-6, ta ? tb ? "a'b'" : "a'b" : tb ? "ab'" : "ab");
	}
	test_tiles();
	for (int i = 0; i < N; i++)
		c[i] = NAN;
	as_gemm(false, false, 1, N, K, 1, a, LD, b, LD, 0, c, LD);
	ok(!isnan(c[0]) && !isnan(c[N - 1]), "beta 0 overwrites what was there, nan too");
	ok(strstr(as_blas_core(), "OpenBLAS") != NULL, "the core has a name: %s", as_blas_core());

	/* In processes of their own, since OpenBLAS chooses once. */
	char command[4200];
	unsetenv("AUGSELF_ISA");
	unsetenv("OPENBLAS_CORETYPE");
	snprintf(command, sizeof command, "'%s' complaint", argv[0]);
	int own = system(command);
	if (WEXITSTATUS(own) == 2)
		skip("this OpenBLAS is older than the CPU");
	else
		ok(own == 0, "no complaint about OpenBLAS's own choice");
#if defined(__x86_64__) /* elsewhere every core has what the set takes */
	setenv("OPENBLAS_CORETYPE", "Prescott", 1);
	if (as_isa_chosen() == AS_ISA_GENERIC)
		skip("this CPU has nothing above the generic set");
	else
		ok(WEXITSTATUS(system(command)) == 3, "a core below the CPU is complained about, and why it is taken");
#endif
	return done();
}
