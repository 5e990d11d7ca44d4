#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "data/inside.h"

struct as_block {
	struct as_block *next;
	size_t used, room;
	char at[];
};

const char *as_paths_keep(struct as_paths *p, const char *text, size_t length)
{
	struct as_block *b = p->block;
	if (!b || b->room - b->used <= length) {
		size_t room = length < 65536 ? 65536 : length + 1;
		b = malloc(sizeof *b + room);
		if (!b)
			return NULL;
		*b = (struct as_block){p->block, 0, room};
		p->block = b;
	}
	char *copy = b->at + b->used;
	memcpy(copy, text, length);
	copy[length] = 0;
	b->used += length + 1;
	return copy;
}

int as_paths_add(struct as_paths *p, const char *name, int32_t label, uint32_t line, struct as_error *err)
{
	if (p->count == p->room) {
		int64_t room = p->room ? 2 * p->room : 256;
		struct as_path *more = realloc(p->path, (size_t)room * sizeof *more);
		if (!more)
			return as_fail(err, AS_EMEM, "memory: no room for %lld paths", (long long)room);
		p->path = more;
		p->room = room;
	}
	const char *copy = as_paths_keep(p, name, strlen(name));
	if (!copy)
		return as_fail(err, AS_EMEM, "memory: no room for %lld paths", (long long)p->count);
	p->path[p->count++] = (struct as_path){copy, label, line};
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct as_path *)a)->name, ((const struct as_path *)b)->name);
}

void as_paths_sort(struct as_paths *p, int64_t from)
{
	if (p->count > from)
		qsort(p->path + from, (size_t)(p->count - from), sizeof *p->path, by_name);
}

int as_paths_root(struct as_paths *p, const char *folder, struct as_error *err)
{
	char root[AS_MAX_PATH];
	int n = snprintf(root, sizeof root, "%s/", folder);
	if (n >= AS_MAX_PATH)
		return as_fail(err, AS_EARG, "%.200s...: too long a path", folder);
	if (!p || !(p->root = as_paths_keep(p, root, (size_t)n)))
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	return 0;
}

static uint64_t id_of(const struct as_paths *p, const char *name)
{
	const char *slash = p->bare ? strrchr(name, '/') : NULL;
	name = slash ? slash + 1 : name;
	return as_hash64(name, strlen(name));
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

int as_paths_twins(const struct as_paths *p, int64_t *count, const struct as_path **first, struct as_error *err)
{
	uint64_t *id = malloc((size_t)(p->count + 1) * sizeof *id), twin = 0;
	*first = NULL;
	*count = 0;
	if (!id)
		return as_fail(err, AS_EMEM, "memory: no room for %lld ids", (long long)p->count);
	for (int64_t i = 0; i < p->count; i++)
		id[i] = id_of(p, p->path[i].name);
	qsort(id, (size_t)p->count, sizeof *id, by_id);
	for (int64_t i = 1; i < p->count; i++)
		if (id[i] == id[i - 1] && !(*count)++)
			twin = id[i];
	for (int64_t i = 0, met = 0; *count && !*first; i++)
		if (id_of(p, p->path[i].name) == twin && met++)
			*first = &p->path[i];
	free(id);
	return 0;
}

void as_paths_clear(struct as_paths *p)
{
	for (struct as_block *b = p->block, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(p->path);
	*p = (struct as_paths){0};
}

void as_paths_close(struct as_items *items)
{
	if (items->self)
		as_paths_clear(items->self);
	free(items->self);
}

/* Decodes what is not to travel compressed; the file's bytes are replaced. */
static int unpack(struct as_item *item, const struct as_image_head *head, size_t count, struct as_error *err)
{
	struct as_image *m = &item->image;
	size_t need = 3 * (size_t)head->height * (size_t)head->width;
	if (need > AS_MAX_IMAGE)
		return as_fail(err, AS_EMEM, "%lldx%lld pixels, more than a record holds", (long long)head->width,
			       (long long)head->height);
	uint8_t *rgb = malloc(need);
	if (!rgb)
		return as_fail(err, AS_EMEM, "memory: no room for %lldx%lld pixels", (long long)head->width,
			       (long long)head->height);
	int rc = as_image_read(item->bytes, count, m->turn, rgb, &item->notes, err);
	free(item->bytes);
	item->bytes = (char *)rgb;
	item->room = need;
	m->pixels = (struct as_tensor){AS_U1, 3, {m->height, m->width, 3}, rgb};
	m->turn = 1;
	return rc;
}

static int load_file(const char *path, bool exif, struct as_item *item, struct as_error *err)
{
	struct as_image_head head;
	struct as_image *m = &item->image;
	size_t count;
	free(item->bytes);
	item->bytes = NULL;
	item->room = 0;
	int rc = as_file_read(path, AS_PATH_FILE, AS_MAX_IMAGE, &item->bytes, &count, err);
	if (rc)
		return rc; /* names the path itself */
	item->room = count;
	rc = as_image_probe(item->bytes, count, &head, err);
	if (rc)
		return as_fail_within(err, "%s", path);
	*m = (struct as_image){.height = head.height, .width = head.width, .turn = exif ? head.turn : 1};
	as_image_turned(m->turn, &m->height, &m->width);
	if (!strcmp(head.format, "jpeg"))
		m->jpeg = (struct as_text){item->bytes, count};
	else
		rc = unpack(item, &head, count, err);
	return rc ? as_fail_within(err, "%s", path) : 0;
}

int as_paths_load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct as_paths *p = items->self;
	const struct as_path *from = &p->path[i];
	const char *root = *from->name == '/' ? "" : p->root;
	size_t length = strlen(root) + strlen(from->name) + 1;
	char *path = malloc(length);
	if (!path)
		return as_fail(err, AS_EMEM, "memory: no room for a path");
	snprintf(path, length, "%s%s", root, from->name);
	int rc = load_file(path, items->exif, item, err);
	free(path);
	if (rc && from->line)
		return as_fail_within(err, "%s:%u", p->list, from->line);
	const char *slash = p->bare ? strrchr(from->name, '/') : NULL, *name = slash ? slash + 1 : from->name;
	item->name = (struct as_text){name, strlen(name)};
	item->id = id_of(p, from->name);
	item->label = from->label;
	return rc;
}
