#include "stream/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static size_t tensor_bytes(const struct as_tensor *t)
{
	return (size_t)as_tensor_count(t) * as_dtype_size(t->dtype);
}

enum { SCORE_TEXTS = 8 };

/* The texts of a score. */
static void score_texts(struct as_score *s, struct as_text *text[SCORE_TEXTS])
{
	struct as_text *const all[SCORE_TEXTS] = {&s->metric, &s->label, &s->probe, &s->setting,
						  &s->unit, &s->model, &s->data, &s->learnt};
	memcpy(text, all, sizeof all);
}

static size_t score_bytes(struct as_score s)
{
	struct as_text *text[SCORE_TEXTS];
	size_t bytes = 0;
	score_texts(&s, text);
	for (int i = 0; i < SCORE_TEXTS; i++)
		bytes += text[i]->length;
	return bytes;
}

size_t as_record_bytes(const struct as_record *r)
{
	size_t bytes = r->name.length + tensor_bytes(&r->image.pixels) + r->image.jpeg.length + tensor_bytes(&r->feature) +
		       score_bytes(r->score) + r->extra.bytes;
	for (int k = 0; k < AS_MAX_ROLES; k++)
		bytes += tensor_bytes(&r->role[k].param) + tensor_bytes(&r->role[k].omega) + tensor_bytes(&r->role[k].views);
	return bytes;
}

/* Copies n bytes to *to and moves *to on; NULL stays NULL. */
static const void *move(char **to, const void *from, size_t n)
{
	if (!from)
		return NULL;
	char *at = *to;
	memcpy(at, from, n);
	*to += n;
	return at;
}

static void move_text(char **to, struct as_text *t)
{
	t->at = move(to, t->at, t->length);
}

static void move_tensor(char **to, struct as_tensor *t)
{
	t->data = move(to, t->data, tensor_bytes(t));
}

int as_record_keep(struct as_kept *k, const struct as_record *r, struct as_error *err)
{
	size_t need = as_record_bytes(r) + 1; /* an empty tensor still has an address */
	k->rec = (struct as_record){0}; /* frees what it points to */
	int rc = as_room(&k->at, &k->bytes, need, err);
	if (rc)
		return rc;
	char *to = k->at;
	k->rec = *r;
	struct as_text *text[SCORE_TEXTS];
	score_texts(&k->rec.score, text);
	for (int i = 0; i < SCORE_TEXTS; i++)
		move_text(&to, text[i]);
	move_text(&to, &k->rec.name);
	move_text(&to, &k->rec.image.jpeg);
	k->rec.extra.at = move(&to, r->extra.at, r->extra.bytes);
	move_tensor(&to, &k->rec.image.pixels);
	for (int i = 0; i < AS_MAX_ROLES; i++) {
		move_tensor(&to, &k->rec.role[i].param);
		move_tensor(&to, &k->rec.role[i].omega);
		move_tensor(&to, &k->rec.role[i].views);
	}
	move_tensor(&to, &k->rec.feature);
	return 0;
}

void as_kept_clear(struct as_kept *k)
{
	free(k->at);
	*k = (struct as_kept){0};
}
