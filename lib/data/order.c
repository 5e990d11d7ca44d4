#include "data/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "stream/safetensors.h"

enum { VIEW = 255, OP = 255 }; /* our place in the generator (base/rng.h) */

int as_order_open(struct as_order *o, struct as_error *err)
{
	if (!o->shard.count)
		o->shard = (struct as_shard){1, 1, 0};
	if (o->shard.index < 1 || o->shard.index > o->shard.count)
		return as_fail(err, AS_EARG, "shard %llu of %llu", (unsigned long long)o->shard.index,
			       (unsigned long long)o->shard.count);
	if (!o->shuffle)
		return 0;
	if (!o->images || o->images > UINT32_MAX)
		return as_fail(err, AS_EARG, "shuffling needs a count of images, at most 2^32 - 1");
	o->place = malloc((size_t)o->images * sizeof *o->place);
	return o->place ? 0 : as_fail(err, AS_EMEM, "memory: no room for the order of %llu images",
				      (unsigned long long)o->images);
}

void as_order_close(struct as_order *o)
{
	free(o->place);
	as_names_clear(&o->notes);
	o->place = NULL;
	o->placed = 0;
}

/* Fisher-Yates. One stream of the generator has 2^18 words, so every 2^16 places use a stream of their own;
 * a draw takes one word, rarely a second. */
static void shuffle(struct as_order *o, uint64_t epoch)
{
	struct as_rng r = {0};
	for (uint64_t i = 0; i < o->images; i++)
		o->place[i] = (uint32_t)i;
	for (uint64_t i = 0; i + 1 < o->images; i++) {
		if (!(i & 0xffff))
			r = as_rng_at(o->seed, i >> 16, (uint32_t)epoch, VIEW, OP);
		uint64_t j = i + as_rng_below(&r, o->images - i);
		uint32_t was = o->place[i];
		o->place[i] = o->place[j];
		o->place[j] = was;
	}
	o->placed = epoch + 1;
}

/* The number of places from `at` to the next one of this shard. */
static uint64_t to_mine(const struct as_order *o, uint64_t at)
{
	uint64_t each = o->shard.block ? o->shard.block : 1, round = o->shard.count * each, over = at % round;
	uint64_t mine = as_shard_first(o->shard);
	if (over >= mine && over - mine < each)
		return 0;
	return over < mine ? mine - over : round - over + mine;
}

bool as_order_next(struct as_order *o, struct as_visit *step)
{
	uint64_t n = o->images ? o->images : AS_MAX_SEQ + 1; /* an endless epoch has every seq */
	if (as_shard_first(o->shard) >= n)
		return false;
	uint64_t epoch = o->next / n, at = o->next % n, ahead = to_mine(o, at);
	if (ahead >= n - at) { /* the shard has no further image in this epoch */
		epoch++;
		at = 0;
		ahead = as_shard_first(o->shard);
	}
	at += ahead;
	if ((o->epochs && epoch >= o->epochs) || epoch > UINT32_MAX || epoch > (AS_MAX_SEQ - at) / n)
		return false;
	if (o->shuffle && o->placed != epoch + 1)
		shuffle(o, epoch);
	*step = (struct as_visit){epoch * n + at, epoch, o->shuffle ? o->place[at] : at};
	o->next = step->seq + 1;
	return true;
}

void as_order_header(const struct as_order *o, struct as_header *h)
{
	h->records = o->images;
	h->epochs = o->epochs;
	h->shard = o->shard;
}

int as_order_shard(struct as_order *o, const char *text, uint64_t batch, struct as_error *err)
{
	const char *slash = strchr(text, '/');
	char first[24];
	uint64_t i, n;
	if (!slash || (size_t)(slash - text) >= sizeof first)
		return as_fail(err, AS_EARG, "--shard: '%s' is not I/N, as in 1/4", text);
	snprintf(first, sizeof first, "%.*s", (int)(slash - text), text);
	int rc = as_parse_u64(slash + 1, 1, UINT32_MAX, &n, err);
	if (!rc)
		rc = as_parse_u64(first, 1, n, &i, err);
	if (rc)
		return as_fail_within(err, "--shard: '%s' is not I/N with I from 1 to N", text);
	if (batch % n)
		return as_fail(err, AS_EARG, "--batch: %llu images cannot be divided among %llu shards", (unsigned long long)batch,
			       (unsigned long long)n);
	o->shard = (struct as_shard){i, n, batch / n};
	return 0;
}

int as_order_after(struct as_order *o, const char *path, struct as_error *err)
{
	struct as_safetensors *s;
	/* the state is rewritten again and again, so it cannot be a pipe */
	int there = as_path_ask(path, AS_PATH_FILE, err);
	o->next = 0;
	if (there <= 0)
		return there;
	int rc = as_safetensors_open(&s, path, err);
	if (rc)
		return rc == AS_ENONE ? 0 : rc;
	const char *note = as_safetensors_note(s), *seq = as_safetensors_meta(s, "seq");
	if (note)
		rc = as_names_add(&o->notes, note, err);
	if (!rc && !seq)
		rc = as_fail(err, AS_EDATA, "%s: is not a state of ssl-train: it has no 'seq'", path);
	else if (!rc && as_parse_u64(seq, 0, AS_MAX_SEQ + 1, &o->next, err))
		rc = as_fail(err, AS_EDATA, "%s: its 'seq' is '%.24s', which cannot be a seq", path, seq);
	as_safetensors_close(s);
	return rc;
}
