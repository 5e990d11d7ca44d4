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
	p->path[p->count++] = (struct as_path){copy, label, p->lists ? (uint32_t)(p->lists - 1) & 7 : 0, line & 0x1fffffff};
	return 0;
}

int as_paths_from(struct as_paths *p, const char *list, struct as_error *err)
{
	if (p->lists == AS_MAX_LISTS || !(p->list[p->lists] = as_paths_keep(p, list, strlen(list))))
		return as_fail(err, AS_EMEM, "memory: no room for list %d, %.200s", p->lists + 1, list);
	p->lists++;
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

/* The name of an image; its id is the hash of this name. */
static struct as_text name_of(const struct as_paths *p, const char *name)
{
	const char *slash = p->bare ? strrchr(name, '/') : NULL;
	name = slash ? slash + 1 : name;
	return (struct as_text){name, strlen(name)};
}

static uint64_t id_of(const struct as_paths *p, const char *path)
{
	struct as_text name = name_of(p, path);
	return as_hash64(name.at, name.length);
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

int as_paths_repeats(const struct as_paths *p, int64_t *count, const struct as_path **first, struct as_error *err)
{
	uint64_t *id = malloc((size_t)(p->count + 1) * sizeof *id), repeated = 0;
	*first = NULL;
	*count = 0;
	if (!id)
		return as_fail(err, AS_EMEM, "memory: no room for %lld ids", (long long)p->count);
	for (int64_t i = 0; i < p->count; i++)
		id[i] = id_of(p, p->path[i].name);
	qsort(id, (size_t)p->count, sizeof *id, by_id);
	for (int64_t i = 1; i < p->count; i++)
		if (id[i] == id[i - 1] && !(*count)++)
			repeated = id[i];
	for (int64_t i = 0, met = 0; *count && !*first; i++)
		if (id_of(p, p->path[i].name) == repeated && met++)
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

int as_paths_tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct as_paths *p = items->self;
	(void)err;
	item->name = name_of(p, p->path[i].name);
	item->id = id_of(p, p->path[i].name);
	item->label = p->path[i].label;
	if (p->path[i].line)
		as_keys_int(&item->keys, "line", p->path[i].line);
	return 0;
}

static char *path_of(const struct as_paths *p, const struct as_path *from, struct as_error *err)
{
	return as_format(err, "%s%s", *from->name == '/' ? "" : p->root, from->name);
}

/* Adds to the error which line of the list named the file. */
static void blame_line(const struct as_paths *p, const struct as_path *from, struct as_error *err)
{
	if (from->line)
		as_fail_within(err, "%s:%u", p->lists ? p->list[from->list] : "list", from->line);
}

int as_paths_load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct as_paths *p = items->self;
	char *path = path_of(p, &p->path[i], err);
	if (!path)
		return AS_EMEM;
	as_item_drop(item);
	int rc = as_file_read(path, AS_PATH_FILE, AS_MAX_IMAGE, &item->bytes, &item->count, err);
	free(path);
	item->room = rc ? 0 : item->count;
	if (rc) /* the error already has the path */
		blame_line(p, &p->path[i], err);
	return rc;
}

void as_paths_blame(const struct as_items *items, int64_t i, struct as_error *err)
{
	const struct as_paths *p = items->self;
	char *path = path_of(p, &p->path[i], NULL);
	if (path)
		as_fail_within(err, "%s", path);
	free(path);
	blame_line(p, &p->path[i], err);
}
