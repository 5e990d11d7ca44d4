#include "eval/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/split.h"

/* ---- images ---- */

/* Numbers the images in the order of their ids. */
static void number_images(struct as_pairs *p, struct as_row_id *at)
{
	for (int64_t i = 0; i < p->n; i++)
		at[i] = (struct as_row_id){p->f->id[as_pairs_row(p, i, 0)], i};
	as_row_ids_sort(at, p->n);
	for (int64_t i = 0; i < p->n; i++) {
		p->images += !i || at[i].id != at[i - 1].id;
		p->image[at[i].row] = p->images - 1;
	}
}

int as_pairs_new(struct as_pairs *p, const struct as_features *f, struct as_error *err)
{
	int64_t views = f->drawn->policy.count;
	*p = (struct as_pairs){.f = f, .each = views / 2, .n = f->n / views * (views / 2)};
	if (views < 2)
		return as_fail(err, AS_EDATA, "one view of each image, and a pair needs two (aug-sample --views 2)");
	struct as_row_id *at = malloc((size_t)p->n * sizeof *at);
	p->image = malloc((size_t)p->n * sizeof *p->image);
	int rc = at && p->image ? 0 : as_fail(err, AS_EMEM, "pairs: no memory for %lld", (long long)p->n);
	if (!rc)
		number_images(p, at);
	else
		as_pairs_clear(p);
	free(at);
	return rc;
}

void as_pairs_clear(struct as_pairs *p)
{
	free(p->image);
	*p = (struct as_pairs){0};
}

int as_pairs_hold_out(const struct as_pairs *p, double share, uint64_t seed, unsigned char *part, struct as_error *err)
{
	struct as_member *m = malloc((size_t)p->n * sizeof *m);
	int64_t *rank = malloc((size_t)p->n * 2 * sizeof *rank), *size = rank ? rank + p->n : NULL;
	int rc = m && rank ? 0 : as_fail(err, AS_EMEM, "hold-out: no memory for %lld pairs", (long long)p->n);
	for (int64_t i = 0; !rc && i < p->n; i++)
		m[i] = (struct as_member){p->f->id[as_pairs_row(p, i, 0)], -1};
	if (!rc)
		rc = as_split_rank(m, p->n, seed, rank, size, err);
	for (int64_t i = 0; !rc && i < p->n; i++) {
		int64_t held = (int64_t)(share * (double)size[i] + 0.5);
		held = held < 1 ? 1 : held < size[i] ? held : size[i] - 1;
		part[i] = size[i] > 1 && rank[i] >= size[i] - held;
	}
	free(m);
	free(rank);
	return rc;
}

/* ---- targets ---- */

int as_pairs_width(const struct as_aug *a)
{
	return a->loss == AS_LOSS_CE ? 1 : a->ntarget;
}

void as_pairs_target(const struct as_pairs *p, const struct as_aug *aug, int64_t pair, int order, float *d)
{
	const struct as_drawn *drawn = p->f->drawn;
	struct as_view view[2];
	for (int v = 0; v < 2; v++) {
		int64_t row = as_pairs_row(p, pair, v);
		view[v] = (struct as_view){&drawn->policy, drawn->param + row * drawn->policy.nparam,
					   drawn->omega + row * drawn->policy.nomega};
	}
	aug->target(&view[order], &view[!order], d);
}

/* ---- operations ---- */

/* Why the differences of op i cannot be told; NULL: they can. */
static const char *mute(const struct as_policy *p, int i)
{
	if (!p->op[i].aug->ntarget)
		return "it has no target";
	const char *idle = as_policy_idle(p, i);
	return idle ? idle : as_policy_alike(p, i);
}

static int choose_named(const struct as_policy *p, const char *list, bool *wanted, struct as_error *err)
{
	struct as_pair pair;
	int rc;
	while ((rc = as_pair_next(&list, ",", &pair, err)) > 0) {
		int i = as_policy_find(p, pair.name);
		if (*pair.value)
			return as_fail(err, AS_EARG, "ops: '%s=%s': a name takes no value", pair.name, pair.value);
		if (i < 0) {
			char known[160] = "";
			for (int k = 0; k < p->nop; k++)
				as_enlist(known, sizeof known, p->op[k].aug->name);
			return as_fail(err, AS_EARG, "ops: the views' policy has no '%s', only %s%s", pair.name, known,
				       as_near(pair.name, known, &(struct as_hint){0}));
		}
		if (mute(p, i))
			return as_fail(err, AS_EARG, "ops: nothing of %s can be told from these views: %s", pair.name, mute(p, i));
		wanted[i] = true;
	}
	return rc;
}

int as_pairs_choose(const struct as_policy *p, const char *list, struct as_pairs_ops *out, char *left, size_t room,
		    struct as_error *err)
{
	bool wanted[AS_MAX_OPS] = {false};
	char all[512] = "";
	*out = (struct as_pairs_ops){0};
	int rc = list ? choose_named(p, list, wanted, err) : 0;
	if (rc)
		return rc;
	for (int i = 0; i < p->nop; i++) {
		char one[160];
		const char *why = mute(p, i);
		if (list ? wanted[i] : !why)
			out->op[out->n++] = p->op[i].aug;
		if (list || !why)
			continue;
		snprintf(one, sizeof one, "%s (%s)", p->op[i].aug->name, why);
		as_enlist(all, sizeof all, one);
		if (p->op[i].aug->ntarget)
			as_enlist(left, room, one);
	}
	return out->n ? 0 : as_fail(err, AS_EDATA, "nothing was drawn that pairs could tell: %s", list ? "no operation is named" : all);
}
