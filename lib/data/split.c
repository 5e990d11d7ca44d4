#include "data/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/text.h"
#include "data/inside.h"
#include "data/randperm.h"

/* ---- ranks ---- */

/* A row is one member; then the rows of one image are joined. */
struct place {
	uint64_t id, hash;
	int64_t label, row; /* of an image: its first row */
};

static int by_image(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->label > y->label) - (x->label < y->label);
}

static int by_class(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->label != y->label)
		return x->label < y->label ? -1 : 1;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static uint64_t hash_of(uint64_t id, uint64_t draw)
{
	uint8_t bytes[16];
	for (int i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)(id >> 8 * i);
		bytes[8 + i] = (uint8_t)(draw >> 8 * i);
	}
	return as_hash64(bytes, sizeof bytes);
}

/* Joins the sorted rows of each image, by class and hash; returns the number of images. */
static int64_t find_images(const struct place *row, int64_t n, uint64_t draw, struct place *image)
{
	int64_t images = 0;
	for (int64_t i = 0; i < n; i++)
		if (!i || row[i].id != row[i - 1].id)
			image[images++] = (struct place){row[i].id, hash_of(row[i].id, draw), row[i].label, i};
	qsort(image, (size_t)images, sizeof *image, by_class);
	return images;
}

int as_split_rank(const struct as_member *m, int64_t n, uint64_t draw, int64_t *rank, int64_t *size,
		  struct as_error *err)
{
	struct place *row = malloc((size_t)(n + 1) * sizeof *row), *image = malloc((size_t)(n + 1) * sizeof *image);
	int64_t images = 0;
	if (row && image) {
		for (int64_t i = 0; i < n; i++)
			row[i] = (struct place){m[i].id, 0, m[i].label, i};
		qsort(row, (size_t)n, sizeof *row, by_image);
		images = find_images(row, n, draw, image);
	}
	for (int64_t from = 0, to; from < images; from = to) { /* for each class */
		for (to = from; to < images && image[to].label == image[from].label;)
			to++;
		for (int64_t i = from; i < to; i++)
			for (int64_t at = image[i].row; at < n && row[at].id == image[i].id; at++) {
				rank[row[at].row] = i - from;
				size[row[at].row] = to - from;
			}
	}
	bool room = row && image;
	free(row);
	free(image);
	return room ? 0 : as_fail(err, AS_EMEM, "memory: no room for the ranks of %lld images", (long long)n);
}

int as_split_part(int64_t rank, int64_t size, const uint64_t *ratio, int parts)
{
	uint64_t total = 0, sum = 0;
	for (int k = 0; k < parts; k++)
		total += ratio[k];
	for (int k = 0; k < parts - 1; k++) {
		sum += ratio[k];
		int64_t end = (int64_t)((2 * (uint64_t)size * sum + total) / (2 * total)); /* size sum / total, rounded */
		if (rank < end || (!rank && ratio[0]))
			return k;
	}
	return parts - 1;
}

/* ---- choices ---- */

int as_choice_part(struct as_choice *c, const char *part, const char *ratio, struct as_error *err)
{
	static const char *const names[] = {"train", "val", "test"};
	const char *at = ratio;
	for (c->part = 0; c->part < 3 && strcmp(part, names[c->part]) != 0;)
		c->part++;
	if (c->part == 3)
		return as_fail(err, AS_EARG, "--part: '%s' is not train, val or test%s", part,
			       as_near(part, "train, val, test", &(struct as_hint){0}));
	for (int k = 0; k < 3; k++) {
		char number[16];
		size_t n = strcspn(at, ":");
		snprintf(number, sizeof number, "%.*s", (int)(n < sizeof number ? n : sizeof number - 1), at);
		if ((at[n] == ':') != (k < 2) || as_parse_u64(number, 0, 100000, &c->ratio[k], err))
			return as_fail(err, AS_EARG, "--ratio: '%s' is not three whole numbers of at most 100000, as in 8:1:1",
				       ratio);
		at += n + 1;
	}
	if (!c->ratio[0] && !c->ratio[1] && !c->ratio[2])
		return as_fail(err, AS_EARG, "--ratio: '%s' leaves nothing for any part", ratio);
	return 0;
}

/* All members with their ranks; on success the caller frees the three arrays. */
struct ranked {
	struct as_member *member;
	int64_t *rank, *size;
};

static void ranked_clear(struct ranked *r)
{
	free(r->member);
	free(r->rank);
	free(r->size);
}

static int rank_all(const struct as_items *items, uint64_t draw, struct ranked *r, struct as_error *err)
{
	size_t n = (size_t)items->count + 1;
	struct as_item item = {0};
	int rc = 0;
	*r = (struct ranked){malloc(n * sizeof *r->member), malloc(n * sizeof *r->rank), malloc(n * sizeof *r->size)};
	if (!r->member || !r->rank || !r->size)
		rc = as_fail(err, AS_EMEM, "memory: no room for the ranks of %lld images", (long long)items->count);
	for (int64_t i = 0; i < items->count && !rc; i++) {
		rc = as_items_tell(items, i, &item, err);
		if (!rc)
			r->member[i] = (struct as_member){item.id, item.label};
	}
	as_item_clear(&item);
	if (!rc)
		rc = as_split_rank(r->member, items->count, draw, r->rank, r->size, err);
	if (rc)
		ranked_clear(r);
	return rc;
}

/* Keeps the items i for which want(c, r, i) is true, in their order; the memory of r->size becomes their
 * list. */
static void keep(struct as_items *items, const struct as_choice *c, struct ranked *r,
		 bool (*want)(const struct as_choice *, const struct ranked *, int64_t i))
{
	int64_t *pick = r->size, n = 0;
	for (int64_t i = 0; i < items->count; i++)
		if (want(c, r, i))
			pick[n++] = i; /* n <= i: this overwrites no size that is still needed */
	as_items_pick(items, pick, n);
	r->size = NULL;
}

static bool in_part(const struct as_choice *c, const struct ranked *r, int64_t i)
{
	return as_split_part(r->rank[i], r->size[i], c->ratio, 3) == c->part;
}

static bool among_first(const struct as_choice *c, const struct ranked *r, int64_t i)
{
	return r->member[i].label >= 0 && (uint64_t)r->rank[i] < c->per_class;
}

/* Says which classes have fewer images than asked for, and names the lowest. */
static int say_short(struct as_items *items, const struct ranked *r, uint64_t want, struct as_error *err)
{
	int64_t label = -1, size = 0;
	for (int64_t i = 0; i < items->count; i++)
		if (r->member[i].label >= 0 && (uint64_t)r->size[i] < want && (label < 0 || r->member[i].label < label)) {
			label = r->member[i].label;
			size = r->size[i];
		}
	const char *name = as_names_at(&items->classes, label);
	if (label < 0)
		return 0;
	char *class = name ? as_format(err, "'%s'", name) : as_format(err, "%lld", (long long)label);
	int rc = class ? as_say(&items->notes, err, "fewer than %llu images of a class, the first %s with %lld: such give all "
				"they have", (unsigned long long)want, class, (long long)size) : AS_EMEM;
	free(class);
	return rc;
}

static int choose_part(struct as_items *items, const struct as_choice *c, struct as_error *err)
{
	static const char *const names[] = {"train", "val", "test"};
	struct ranked r;
	int rc = rank_all(items, c->draw, &r, err);
	if (rc)
		return rc;
	keep(items, c, &r, in_part);
	ranked_clear(&r);
	return items->count ? 0 : as_fail(err, AS_EDATA, "part %s of %llu:%llu:%llu: no images: too few of each class; "
					  "another --ratio, as 2:1:1, or more images", names[c->part],
					  (unsigned long long)c->ratio[0], (unsigned long long)c->ratio[1],
					  (unsigned long long)c->ratio[2]);
}

static int choose_per_class(struct as_items *items, const struct as_choice *c, struct as_error *err)
{
	struct ranked r;
	int rc = rank_all(items, c->draw, &r, err);
	if (rc)
		return rc;
	rc = say_short(items, &r, c->per_class, err);
	keep(items, c, &r, among_first);
	ranked_clear(&r);
	if (!rc && !items->count)
		rc = as_fail(err, AS_EDATA, "%llu images of each class: no image has a class",
			     (unsigned long long)c->per_class);
	return rc;
}

int as_items_choose(struct as_items *items, const struct as_choice *c, struct as_error *err)
{
	int rc = c->list ? as_items_pick_list(items, c->list, err) : 0;
	if (!rc && (c->ratio[0] || c->ratio[1] || c->ratio[2]))
		rc = choose_part(items, c, err);
	if (!rc && c->per_class)
		rc = choose_per_class(items, c, err);
	return rc;
}

/* ---- torch's random_split ---- */

int as_items_pick_random(struct as_items *items, uint32_t seed, int64_t first, bool rest, struct as_error *err)
{
	int64_t n = items->count;
	int64_t *pick = malloc((size_t)(n + 1) * sizeof *pick);
	if (!pick)
		return as_fail(err, AS_EMEM, "memory: no room for a split of %lld", (long long)n);
	as_randperm(seed, n, pick);
	if (rest)
		memmove(pick, pick + first, (size_t)(n - first) * sizeof *pick);
	as_items_pick(items, pick, rest ? n - first : first);
	items->sorted = false;
	return 0;
}
