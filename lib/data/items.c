/* What all datasets have in common: opening a split, keeping some of its images, and decoding the bytes
 * that a reader gives. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/catalog.h"

/* Whether the word is `text`, which may end in a range: "train2..10" is train2, train3, ... train10. */
static bool is_word(const char *text, size_t length, const char *word)
{
	size_t n = strlen(word), stem = strcspn(text, "0123456789");
	const char *dots = memchr(text, '.', length);
	if (!dots)
		return n == length && !memcmp(text, word, n);
	if (n <= stem || memcmp(text, word, stem) != 0)
		return false;
	uint64_t lo = strtoull(text + stem, NULL, 10), hi = strtoull(dots + 2, NULL, 10), i;
	return (word[stem] != '0' || !word[stem + 1]) && !as_parse_u64(word + stem, lo, hi, &i, NULL);
}

/* Whether `words`, separated by blanks, contains this one. */
static bool holds_word(const char *words, const char *word)
{
	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		if (is_word(at, length, word))
			return true;
		at += length;
	}
	return false;
}

static int check_source(const struct as_dataset *kind, const struct as_source *source, struct as_error *err)
{
	const char *split = source->split;
	if (source->paths < 1 || (source->paths > 1 && !kind->many))
		return as_fail(err, AS_EARG, "%s takes %s", kind->name, kind->many ? "one or more paths" :
			       "one path, the folder of the set; single images: img-read files IMAGE...");
	if (source->classes && !kind->listed)
		return as_fail(err, AS_EARG, "%s takes no list of classes", kind->name);
	if (source->index && !kind->indexed)
		return as_fail(err, AS_EARG, "%s takes no --index: its own files say where its images lie", kind->name);
	if (split && !kind->splits)
		return as_fail(err, AS_EARG, "split '%s': %s has no splits of its own; give the path of the split itself", split,
			       kind->name);
	if (split && !holds_word(kind->splits, "*") && !holds_word(kind->splits, split))
		return as_fail(err, AS_EARG, "split '%s': %s has %s%s", split, kind->name, kind->splits,
			       as_near(split, kind->splits, &(struct as_hint){0}));
	return 0;
}

/* Opens the set, with the index of its folders; readers of archives have an index of their own. */
static int open_with(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_source with = *source;
	if (!source->index || items->kind->many)
		return items->kind->open(source, items, err);
	int rc = as_catalog_open(&with.catalog, source->index, err);
	if (!rc)
		rc = items->kind->open(&with, items, err);
	if (!rc)
		rc = as_catalog_end(with.catalog, &items->notes, err);
	as_catalog_close(with.catalog);
	return rc;
}

int as_items_open(const struct as_dataset *kind, const struct as_source *source, struct as_items *out,
		  struct as_error *err)
{
	struct as_items items = {.kind = kind, .exif = source->exif};
	*out = (struct as_items){0};
	int rc = check_source(kind, source, err);
	if (!rc)
		rc = open_with(source, &items, err);
	if (!rc && items.count < 1)
		rc = as_fail(err, AS_EDATA, "%s: no images; img-read --list says what each dataset expects", source->path[0]);
	if (rc) {
		out->notes = items.notes;
		items.notes = (struct as_names){0};
		as_items_close(&items);
	} else {
		*out = items;
	}
	return rc;
}

void as_items_close(struct as_items *items)
{
	if (items->kind)
		items->kind->close(items);
	free(items->pick);
	as_names_clear(&items->classes);
	as_names_clear(&items->notes);
	as_names_clear(&items->chain);
	*items = (struct as_items){0};
}

void as_items_pick(struct as_items *items, int64_t *which, int64_t n)
{
	for (int64_t i = 0; i < n && items->pick; i++)
		which[i] = items->pick[which[i]];
	free(items->pick);
	items->pick = which;
	items->count = n;
}

int as_items_tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	item->name = (struct as_text){NULL, 0};
	item->label = -1;
	item->keys.ended = true; /* the keys of the image before are gone */
	return items->kind->tell(items, items->pick ? items->pick[i] : i, item, err);
}

/* Reads the header of the image file. A JPEG needs no more. */
static int look(struct as_item *item, bool exif, struct as_error *err)
{
	struct as_image *m = &item->image;
	int rc = as_image_probe(item->bytes, item->count, &item->head, err);
	if (rc)
		return rc;
	*m = (struct as_image){.height = item->head.height, .width = item->head.width, .turn = exif ? item->head.turn : 1};
	as_image_turned(m->turn, &m->height, &m->width);
	if (!strcmp(item->head.format, "jpeg"))
		m->jpeg = (struct as_text){item->bytes, item->count};
	return 0;
}

/* Puts the key `file`, which says what the file was: later programs see only decoded pixels. */
static void put_file(struct as_item *item)
{
	as_keys_map(&item->keys, "file", 4);
	as_keys_text(&item->keys, "format", (struct as_text){item->head.format, strlen(item->head.format)});
	as_keys_int(&item->keys, "bytes", (int64_t)item->count);
	as_keys_int(&item->keys, "height", item->head.height);
	as_keys_int(&item->keys, "width", item->head.width);
}

/* Decodes an image that does not stay compressed; pixels replace the bytes of the file. */
static int decode(struct as_item *item, struct as_error *err)
{
	struct as_image *m = &item->image;
	size_t need = 3 * (size_t)m->height * (size_t)m->width;
	if (need > AS_MAX_IMAGE)
		return as_fail(err, AS_EMEM, "%lldx%lld pixels, more than a record holds", (long long)item->head.width,
			       (long long)item->head.height);
	uint8_t *rgb = malloc(need);
	if (!rgb)
		return as_fail(err, AS_EMEM, "memory: no room for %lldx%lld pixels", (long long)item->head.width,
			       (long long)item->head.height);
	int rc = as_image_read(item->bytes, item->count, m->turn, rgb, &item->notes, err);
	free(item->bytes);
	item->bytes = (char *)rgb;
	item->room = need;
	m->pixels = (struct as_tensor){AS_U1, 3, {m->height, m->width, 3}, rgb};
	m->turn = 1;
	return rc;
}

int as_items_fetch(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	int64_t at = items->pick ? items->pick[i] : i;
	item->image = (struct as_image){0};
	int rc = as_items_tell(items, i, item, err);
	if (!rc)
		rc = items->kind->load(items, at, item, err);
	if (rc || item->image.pixels.data || item->image.jpeg.at)
		return rc;
	rc = look(item, items->exif, err);
	if (rc)
		items->kind->blame(items, at, err);
	else
		put_file(item);
	return rc;
}

/* Whether item->bytes holds a file that must be decoded. */
static bool is_packed(const struct as_item *item)
{
	return !item->image.pixels.data && !item->image.jpeg.at;
}

size_t as_item_peak(const struct as_item *item)
{
	return is_packed(item) ? (size_t)item->head.memory : item->room;
}

int as_items_unpack(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	int rc = is_packed(item) ? decode(item, err) : 0;
	if (rc)
		items->kind->blame(items, items->pick ? items->pick[i] : i, err);
	return rc ? rc : as_keys_end(&item->keys, &item->extra, err);
}

int as_items_load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	int rc = as_items_fetch(items, i, item, err);
	return rc ? rc : as_items_unpack(items, i, item, err);
}

void as_item_drop(struct as_item *item)
{
	free(item->bytes);
	item->bytes = NULL;
	item->room = 0;
}

void as_item_clear(struct as_item *item)
{
	as_item_drop(item);
	as_keys_clear(&item->keys);
	*item = (struct as_item){0};
}
