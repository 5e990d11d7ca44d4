#include "data/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/text.h"

/* The slot of a text: its own, or the free one that it would take. */
static size_t slot_of(const struct as_texts *t, struct as_text text)
{
	size_t at = (size_t)as_hash64(text.at, text.length) & (t->slots - 1);
	for (;; at = (at + 1) & (t->slots - 1)) {
		const char *there = t->slot[at] < 0 ? NULL : as_names_at(&t->names, t->slot[at]);
		if (!there || (!strncmp(there, text.at, text.length) && !there[text.length]))
			return at;
	}
}

/* Keeps at least half of the slots free. */
static int grow(struct as_texts *t, struct as_error *err)
{
	if (2 * ((size_t)t->names.count + 1) <= t->slots)
		return 0;
	size_t slots = t->slots ? 2 * t->slots : 64;
	int32_t *slot = malloc(slots * sizeof *slot);
	if (!slot)
		return as_fail(err, AS_EMEM, "memory: no room for %zu texts", slots / 2);
	free(t->slot);
	t->slot = slot;
	t->slots = slots;
	memset(slot, -1, slots * sizeof *slot);
	for (int32_t i = 0; i < t->names.count; i++)
		slot[slot_of(t, as_text_of(as_names_at(&t->names, i)))] = i;
	return 0;
}

int as_texts_put(struct as_texts *t, struct as_text text, int32_t *number, struct as_error *err)
{
	int rc = grow(t, err);
	if (rc)
		return rc;
	size_t at = slot_of(t, text);
	if (t->slot[at] < 0) {
		rc = as_names_put(&t->names, text, err);
		if (!rc)
			t->slot[at] = (int32_t)(t->names.count - 1);
	}
	*number = t->slot[at];
	return rc;
}

struct named {
	const char *text;
	int32_t number;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->text, ((const struct named *)b)->text);
}

/* Whether all are whole numbers; *label[] are then filled. */
static bool are_numbers(const struct as_texts *t, int32_t *label)
{
	for (int32_t i = 0; i < t->names.count; i++) {
		int64_t value;
		if (as_parse_i64(as_names_at(&t->names, i), -1, INT32_MAX, &value, NULL))
			return false;
		label[i] = (int32_t)value;
	}
	return true;
}

int as_texts_classes(const struct as_texts *t, bool named, int32_t **out, struct as_names *classes, struct as_error *err)
{
	size_t n = (size_t)t->names.count;
	int32_t *label = malloc((n + 1) * sizeof *label);
	struct named *sorted = malloc((n + 1) * sizeof *sorted);
	int rc = label && sorted ? 0 : as_fail(err, AS_EMEM, "memory: no room for %zu classes", n);
	if (!rc && (named || !are_numbers(t, label))) {
		for (size_t i = 0; i < n; i++)
			sorted[i] = (struct named){as_names_at(&t->names, (int64_t)i), (int32_t)i};
		qsort(sorted, n, sizeof *sorted, by_text);
		for (size_t i = 0; i < n && !rc; i++) {
			label[sorted[i].number] = (int32_t)i;
			rc = as_names_add(classes, sorted[i].text, err);
		}
	}
	free(sorted);
	if (rc)
		free(label);
	else
		*out = label;
	return rc;
}

void as_texts_clear(struct as_texts *t)
{
	free(t->slot);
	as_names_clear(&t->names);
	*t = (struct as_texts){0};
}
