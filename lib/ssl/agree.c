#include "ssl/agree.h"

#include <stdio.h>
#include <string.h>

enum { FACTS = 1024 };

/* The length of the line at *at; the name of a fact is its part before ": ". */
static int line(const char *at)
{
	return (int)strcspn(at, "\n");
}

static int differ(const char *a, const char *b, int rank, struct as_error *err)
{
	while (*a && *b && line(a) == line(b) && !memcmp(a, b, (size_t)line(a))) {
		a += line(a) + (a[line(a)] == '\n');
		b += line(b) + (b[line(b)] == '\n');
	}
	return as_fail(err, AS_EDATA, "rank %d cannot train with rank 0: it has '%.*s', rank 0 '%.*s'; all need the same program, options "
		       "and kind of processor (AUGSELF_ISA and OPENBLAS_CORETYPE can make them alike)", rank, line(b), b, line(a), a);
}

int as_agree_facts(const struct as_world *w, const char *facts, struct as_error *err)
{
	char own[FACTS] = "", all[AS_MAX_RANKS][FACTS];
	if (!w)
		return 0;
	if ((size_t)snprintf(own, sizeof own, "%s", facts) >= sizeof own)
		return as_fail(err, AS_EARG, "facts: longer than %d bytes", FACTS - 1);
	w->gather(w, own, sizeof own, all);
	for (int r = 1; r < w->size; r++)
		if (strcmp(all[0], all[r]) != 0)
			return differ(all[0], all[r], r, err);
	return 0;
}

/* How many ranks have the hash of rank r. */
static int alike(const uint64_t *hash, int n, int r)
{
	int same = 0;
	for (int i = 0; i < n; i++)
		same += hash[i] == hash[r];
	return same;
}

int as_agree_hash(const struct as_world *w, uint64_t hash, uint64_t step, struct as_error *err)
{
	uint64_t all[AS_MAX_RANKS];
	char who[64] = "";
	int most = 0;
	if (!w)
		return 0;
	w->gather(w, &hash, sizeof hash, all);
	for (int r = 1; r < w->size; r++)
		most = alike(all, w->size, r) > alike(all, w->size, most) ? r : most;
	for (int r = 0; r < w->size; r++)
		if (all[r] != all[most] && strlen(who) + 16 < sizeof who)
			snprintf(who + strlen(who), sizeof who - strlen(who), "%s%d", *who ? ", " : "", r);
	if (!*who)
		return 0;
	return as_fail(err, AS_EDATA, "after step %llu the parameters of rank %s are not those of rank %d: a machine computes wrongly "
		       "(memory?); leave it out, and the same command goes on from the last state", (unsigned long long)step, who, most);
}

static int another_batch(const struct as_turn *a, const struct as_turn *b, int rank, struct as_error *err)
{
	if (!a->ready || !b->ready)
		return as_fail(err, AS_EDATA, "the stream of rank %d has ended, that of rank %d goes on: both need the same --epochs and "
			       "images", a->ready ? rank : 0, a->ready ? 0 : rank);
	return as_fail(err, AS_EDATA, "rank %d has the batch that ends at seq %llu, rank 0 that at %llu: both need the same --after, "
		       "--seed and images", rank, (unsigned long long)b->seq, (unsigned long long)a->seq);
}

int as_agree_turn(const struct as_world *w, const struct as_turn *own, uint64_t *stop, struct as_error *err)
{
	struct as_turn all[AS_MAX_RANKS];
	int n = w ? w->size : 1;
	all[0] = *own;
	if (w)
		w->gather(w, own, sizeof *own, all);
	for (int r = 0; r < n; r++)
		if (all[r].stop) {
			*stop = all[r].stop;
			return 0;
		}
	for (int r = 1; r < n; r++)
		if (memcmp(&all[r], &all[0], sizeof *all) != 0)
			return another_batch(&all[0], &all[r], r, err);
	return own->ready ? 1 : 0;
}
