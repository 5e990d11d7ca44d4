/* State and model files: safetensors with the recipe as metadata. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "base/rng.h"
#include "base/text.h"
#include "ssl/inside.h"
#include "ssl/source.h"

/* Stands before the names of the momentum network's tensors. */
static const char EMA[] = "momentum.";
static const char STATE[] = "augself-state 2", MODEL[] = "augself-model 2";

/* The parameters, and in a state those of the momentum network and what the optimizer keeps. */
static int write_all(const struct as_trainer *t, FILE *f, bool state, const struct as_meta *meta, int nmeta,
		     uint64_t *seal, struct as_error *err)
{
	int own = as_params_save(&t->params, "", state, NULL, NULL);
	int n = own + (state ? as_params_save(&t->ema, EMA, true, NULL, NULL) : 0);
	struct as_named *list = calloc((size_t)n, sizeof *list);
	int64_t *counts = calloc((size_t)(t->params.n + t->ema.n), sizeof *counts);
	int rc = list && counts ? 0 : as_fail(err, AS_EMEM, "no memory for %d names", n);
	if (!rc) {
		as_params_save(&t->params, "", state, list, counts);
		if (state)
			as_params_save(&t->ema, EMA, true, list + own, counts + t->params.n);
		rc = as_safetensors_write(f, list, n, meta, nmeta, seal, err);
	}
	free(counts);
	free(list);
	return rc;
}

static bool finite(const float *v, int64_t n)
{
	return as_finite(n, v) == n;
}

static bool finite_slots(const struct as_params *p)
{
	bool good = true;
	for (int s = 0; s < p->nslot; s++)
		good = good && finite(p->slot[s], p->weights);
	return good;
}

/* If weights overflow, the loss shows it only one step later; so weights are checked before a good file is
 * replaced. */
static int check_finite(const struct as_trainer *t, const char *path, struct as_error *err)
{
	const struct as_params *p = &t->params;
	if (finite(p->value, p->weights) && finite_slots(p) && finite(p->buffer, p->buffers) &&
	    finite(t->ema.value, t->ema.weights) && finite(t->ema.buffer, t->ema.buffers))
		return 0;
	return as_fail(err, AS_EDATA, "%s: not written: parameters not finite at step %llu, records up to %llu", path,
		       (unsigned long long)t->progress.step, (unsigned long long)t->progress.seq - 1);
}

/* Both kinds of file have the same metadata; only a state has the key that says where the source continues.
 * It is written last, so a model is never mistaken for a state. */
static int save(const struct as_trainer *t, const char *path, bool state, const char *source, uint64_t *seal,
		struct as_error *err)
{
	char step[24], epoch[24], seq[24], spread[32];
	char *recipe = as_recipe_text(&t->recipe), *policy = as_roles_text(t->roles);
	struct as_newfile file = {0};
	snprintf(step, sizeof step, "%llu", (unsigned long long)t->progress.step);
	snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)t->progress.epoch);
	snprintf(seq, sizeof seq, "%llu", (unsigned long long)t->progress.seq);
	const struct as_meta meta[] = {{"format", state ? STATE : MODEL},
				       {"recipe", recipe}, {"policy", policy}, {"source", source},
				       {"step", step}, {"epoch", epoch}, {"spread", as_format_f64(t->progress.spread, spread)},
				       {"seq", seq}};
	int rc = recipe && policy ? check_finite(t, path, err) : as_fail(err, AS_EMEM, "%s: no memory", path);
	rc = rc ? rc : as_newfile_open(&file, path, err);
	if (!rc) {
		rc = write_all(t, file.f, state, meta, (int)(sizeof meta / sizeof *meta) - !state, seal, err);
		rc = rc ? as_fail_within(err, "%s", path) : as_newfile_commit(&file, err);
	}
	as_newfile_abandon(&file);
	free(policy);
	free(recipe);
	return rc;
}

int as_trainer_save(const struct as_trainer *t, const char *path, const char *source, struct as_error *err)
{
	return save(t, path, true, source, NULL, err);
}

int as_trainer_model(const struct as_trainer *t, const char *path, const char *source, uint64_t *seal,
		     struct as_error *err)
{
	return save(t, path, false, source, seal, err);
}

static uint64_t hash_params(uint64_t before, const struct as_params *p)
{
	uint64_t part[3 + AS_MAX_SLOTS] = {before, as_hash64(p->value, (size_t)p->weights * sizeof *p->value),
					   as_hash64(p->buffer, (size_t)p->buffers * sizeof *p->buffer)};
	for (int s = 0; s < p->nslot; s++)
		part[3 + s] = as_hash64(p->slot[s], (size_t)p->weights * sizeof *p->value);
	return as_hash64(part, sizeof part);
}

uint64_t as_trainer_hash(const struct as_trainer *t)
{
	const struct as_progress *p = &t->progress;
	uint64_t counts[] = {p->step, p->epoch, p->seq};
	return hash_params(hash_params(as_hash64(counts, sizeof counts), &t->params), &t->ema);
}

/* Whether the state has the recipe of this run. */
static int compare_recipe(const char *was, const struct as_recipe *r, struct as_error *err)
{
	char *whole = as_recipe_whole(was, err), *now = as_recipe_text(r);
	const char *a = whole, *b = now;
	int rc = whole ? 0 : AS_EDATA;
	if (whole && !now)
		rc = as_fail(err, AS_EMEM, "no memory");
	else if (whole && as_text_differ(&a, &b))
		rc = as_fail(err, AS_EARG, "another recipe: the state has '%.*s', this run '%.*s'; give its options again, or "
			     "another --state", (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
	free(whole);
	free(now);
	return rc;
}

static int number(const struct as_safetensors *s, const char *key, uint64_t *out, struct as_error *err)
{
	const char *text = as_safetensors_meta(s, key);
	if (!text)
		return as_fail(err, AS_EDATA, "metadata has no '%s'", key);
	if (as_parse_u64(text, 0, AS_MAX_SEQ + 1, out, err))
		return as_fail(err, AS_EDATA, "metadata: %s is '%.40s', which is not a count", key, text);
	return 0;
}

/* Whether it is a state of this format. */
static int check_format(const char *format, struct as_error *err)
{
	if (!format || strncmp(format, "augself-state ", 14))
		return as_fail(err, AS_EDATA, "is not a state of ssl-train%s",
			       format && !strncmp(format, "augself-model ", 14) ?
			       ", but a model, from which training cannot continue" : "");
	if (!strcmp(format, STATE))
		return 0;
	if (!strcmp(format, "augself-state 1"))
		return as_fail(err, AS_EDATA, "a state of augself 0.1.0, which did not note the data: end the run with 0.1.0, or "
			       "remove the file and start anew");
	return as_fail(err, AS_EDATA, "a state of a newer augself ('%.40s'; this one reads '%s')", format, STATE);
}

static int restore(struct as_trainer *t, const struct as_safetensors *s, const char *source, struct as_error *err)
{
	const char *was = as_safetensors_meta(s, "recipe"), *from = as_safetensors_meta(s, "source");
	int rc = check_format(as_safetensors_meta(s, "format"), err);
	if (rc)
		return rc;
	if (!was || !from)
		return as_fail(err, AS_EDATA, "is not a state of ssl-train");
	/* checked first: epochs and classes of the recipe may come from the stream */
	rc = as_source_compare(from, source, err);
	rc = rc ? rc : compare_recipe(was, &t->recipe, err);
	rc = rc ? rc : as_params_load(&t->params, "", true, s, err);
	rc = rc ? rc : as_params_load(&t->ema, EMA, false, s, err);
	struct as_progress p = {0};
	rc = rc ? rc : number(s, "step", &p.step, err);
	rc = rc ? rc : number(s, "epoch", &p.epoch, err);
	rc = rc ? rc : number(s, "seq", &p.seq, err);
	const char *spread = as_safetensors_meta(s, "spread");
	if (!rc && (!spread || as_parse_f64(spread, 0, 1e6, &p.spread, NULL)))
		rc = as_fail(err, AS_EDATA, "metadata has no 'spread'");
	if (!rc)
		t->progress = p;
	return rc;
}

int as_trainer_resume(struct as_trainer *t, const char *path, const char *source, struct as_error *err)
{
	struct as_safetensors *s;
	int rc = as_safetensors_open(&s, path, err);
	if (rc)
		return rc;
	rc = restore(t, s, source, err);
	as_safetensors_close(s);
	return rc ? as_fail_within(err, "%s", path) : 0;
}
