/* What every program that is measured shares: bench.h says how it talks to the runner. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"

void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

float *floats(int64_t n)
{
	size_t bytes = ((size_t)n * sizeof(float) + 63) / 64 * 64;
	float *x = aligned_alloc(64, bytes);
	if (!x)
		die("no memory for %zu bytes", bytes);
	return memset(x, 0, bytes);
}

int whole(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);
	if (end == text || *end || n < 1 || n > 1000000)
		die("'%s': not a number from 1 to 1000000", text);
	return (int)n;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void serve(const struct job *job)
{
	char line[64];
	printf("ready");
	for (int i = 0; i < 2 && job->floor[i].ceiling; i++)
		printf(" %s=%.6g", job->floor[i].ceiling, job->floor[i].amount);
	printf("\n");
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		struct rusage usage;
		double units = 0, began = now(), spent = cpu();
		line[strcspn(line, "\n")] = 0;
		for (int n = whole(line); n; n--)
			units += job->run(job->self);
		began = now() - began;
		spent = cpu() - spent;
		getrusage(RUSAGE_SELF, &usage);
		printf("%.9g %.9g %.9g %ld\n", units, began, spent, usage.ru_maxrss);
		fflush(stdout);
	}
}
