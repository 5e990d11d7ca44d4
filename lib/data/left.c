/* Counts by kind what a reader of folders leaves out. */
#include <stdlib.h>
#include <string.h>

#include "data/inside.h"

int as_left_add(struct as_left *l, const char *what, const char *remedy, const char *name, struct as_error *err)
{
	int i = 0;
	while (i < l->kinds && strcmp(l->kind[i].what, what) != 0)
		i++;
	if (i == AS_MAX_LEFT)
		return 0; /* cannot happen: there are fewer kinds */
	if (i == l->kinds)
		l->kind[l->kinds++] = (struct as_left_kind){.what = what, .remedy = remedy};
	struct as_left_kind *k = &l->kind[i];
	k->count++;
	/* The file system lists a folder in any order, so the name that is smallest by bytes is quoted. */
	if (k->first && strcmp(name, k->first) >= 0)
		return 0;
	free(k->first);
	k->first = as_format(err, "%s", name);
	return k->first ? 0 : AS_EMEM;
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
		rc = as_say(notes, err, "left out, %s: %lld, %s%s%s%s", k->what, (long long)k->count,
			    k->count > 1 ? "the first " : "", k->first, k->remedy ? ": " : "", k->remedy ? k->remedy : "");
	}
	return rc;
}

void as_left_clear(struct as_left *l)
{
	for (int i = 0; i < l->kinds; i++)
		free(l->kind[i].first);
	*l = (struct as_left){0};
}
