/* ours WORK ARGUMENT...: our side of a measurement, and what the machine can do at most. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const struct work *const tables[] = {net_works, view_works, probe_works, ceiling_works};
enum { TABLES = sizeof tables / sizeof *tables };

static int usage(void)
{
	fprintf(stderr, "Usage: ours WORK ARGUMENT...; WORK is one of\n  inputs DIR\n");
	for (int i = 0; i < TABLES; i++)
		for (const struct work *w = tables[i]; w->name; w++)
			fprintf(stderr, "  %s %s\n", w->name, w->args);
	return 2;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "inputs")) {
		write_inputs(argv[2]);
		return 0;
	}
	for (int i = 0; i < TABLES && argc > 1; i++)
		for (const struct work *w = tables[i]; w->name; w++)
			if (!strcmp(w->name, argv[1]) && w->nargs == argc - 2) {
				struct job job = {0};
				w->open(argv + 2, &job);
				serve(&job);
				return 0;
			}
	return usage();
}
