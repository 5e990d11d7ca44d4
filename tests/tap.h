/* Test Anything Protocol, for unit tests in C: include, write main, return done(). */
#ifndef AS_TESTS_TAP_H
#define AS_TESTS_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

static int tap_count, tap_failed;

static inline bool ok(bool good, const char *fmt, ...) AS_PRINTF(2, 3);
static inline bool ok(bool good, const char *fmt, ...)
{
	va_list ap;
	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	tap_failed += !good;
	fflush(stdout);
	return good;
}

static inline bool is_int(int64_t got, int64_t want, const char *what)
{
	bool good = ok(got == want, "%s", what);
	if (!good)
		printf("# got %lld, want %lld\n", (long long)got, (long long)want);
	return good;
}

static inline bool is_text(const char *got, const char *want, const char *what)
{
	bool good = ok(got && !strcmp(got, want), "%s", what);
	if (!good)
		printf("# got  '%s'\n# want '%s'\n", got ? got : "(null)", want ? want : "(null)");
	return good;
}

/* |got - want| <= tol. */
static inline bool is_close(double got, double want, double tol, const char *what)
{
	bool good = ok(fabs(got - want) <= tol, "%s", what);
	if (!good)
		printf("# got %.9g, want %.9g, tolerance %g\n", got, want, tol);
	return good;
}

/* The largest |got - want| over the largest |want| (1 when all are 0). */
static inline double worst_relative(const float *got, const float *want, int64_t n)
{
	double worst = 0, scale = 0;
	for (int64_t i = 0; i < n; i++) {
		double d = fabs((double)got[i] - (double)want[i]);
		worst = d > worst || d != d ? (d != d ? INFINITY : d) : worst;
		scale = fabs((double)want[i]) > scale ? fabs((double)want[i]) : scale;
	}
	return worst / (scale > 0 ? scale : 1);
}

static inline bool is_near(const float *got, const float *want, int64_t n, double tol, const char *what)
{
	double worst = worst_relative(got, want, n);
	return ok(worst <= tol, "%s (worst %.2g of the largest, allowed %.2g)", what, worst, tol);
}

static inline void skip(const char *why)
{
	printf("ok %d # SKIP %s\n", ++tap_count, why);
}

static inline void note(const char *fmt, ...) AS_PRINTF(1, 2);
static inline void note(const char *fmt, ...)
{
	va_list ap;
	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* The plan; what main returns. */
static inline int done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed || !tap_count;
}

#endif
