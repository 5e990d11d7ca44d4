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

/* What a shell takes as it stands. */
#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+/~,@"

/* The command that converts all files of a kind: find, with the ending of the first of them and the remedy of one, in which the
 * file {} stands for IN and OUT. NULL: the remedy has no such form, or no ending tells these files. */
static char *remedy_of_all(const struct as_left *l, const struct as_left_kind *k, struct as_error *err)
{
	const char *base = strrchr(k->first, '/'), *dot = strrchr(base ? base : k->first, '.'), *at = k->remedy;
	const char *package = strstr(k->remedy, " (package");
	bool plain = l->root && l->root[strspn(l->root, PLAIN)] == '\0';
	if (!package || !strstr(k->remedy, "IN") || !l->root || strchr(l->root, '\'') || *l->root == '-' || !dot || !dot[1] ||
	    strlen(dot) > 6 || dot[1 + strspn(dot + 1, PLAIN)])
		return NULL;
	char command[256];
	size_t n = 0;
	while (at < package && n + 4 < sizeof command) {
		size_t name = !strncmp(at, "IN", 2) ? 2 : !strncmp(at, "OUT", 3) ? 3 : 0;
		if (name) {
			command[n++] = '{';
			command[n++] = '}';
			at += name;
		} else
			command[n++] = *at++;
	}
	const char *quote = plain ? "" : "'";
	return as_format(err, "find %s%s%s -iname '*%s' -exec %.*s \\;%s", quote, l->root, quote, dot, (int)n, command, package);
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
		char *all = k->remedy ? remedy_of_all(l, k, err) : NULL;
		rc = as_say(notes, err, "left out, %s: %lld, %s%s%s%s", k->what, (long long)k->count,
			    k->count > 1 ? "the first " : "", k->first, k->remedy ? ": " : "", all ? all : k->remedy ? k->remedy : "");
		free(all);
	}
	return rc;
}

void as_left_clear(struct as_left *l)
{
	for (int i = 0; i < l->kinds; i++)
		free(l->kind[i].first);
	*l = (struct as_left){0};
}
