/* What a reader of folders leaves out, counted by kind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/inside.h"

void as_left_add(struct as_left *l, const char *what, const char *remedy, const char *name)
{
	int i = 0;
	while (i < l->kinds && strcmp(l->kind[i].what, what) != 0)
		i++;
	if (i == AS_MAX_LEFT)
		return; /* cannot be: there are fewer kinds */
	if (i == l->kinds)
		l->kind[l->kinds++] = (struct as_left_kind){.what = what, .remedy = remedy};
	struct as_left_kind *k = &l->kind[i];
	/* A folder's order is the file system's: the first by its bytes is named. */
	if (!k->count++ || strncmp(name, k->first, sizeof k->first - 1) < 0)
		snprintf(k->first, sizeof k->first, "%s", name);
}

static int by_what(const void *a, const void *b)
{
	return strcmp(((const struct as_left_kind *)a)->what, ((const struct as_left_kind *)b)->what);
}

int as_left_say(struct as_left *l, struct as_names *notes, struct as_error *err)
{
	int rc = 0;
	qsort(l->kind, (size_t)l->kinds, sizeof *l->kind, by_what);
	for (int i = 0; i < l->kinds && !rc; i++) {
		const struct as_left_kind *k = &l->kind[i];
		char text[512];
		snprintf(text, sizeof text, "left out, %s: %lld, %s%s%s%s", k->what, (long long)k->count,
			 k->count > 1 ? "the first " : "", k->first, k->remedy ? ": " : "", k->remedy ? k->remedy : "");
		rc = as_names_add(notes, text, err);
	}
	return rc;
}
