/* A split as people publish it: a text file of indices or of names. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "data/inside.h"
#include "data/split.h"

static const char from_torch[] =
	"  import torch\n"
	"  open('split.txt', 'w').writelines(f\"{i.item() if hasattr(i, 'item') else i}\\n\" for i in torch.load('split.pth'))";

/* Reads the text of the file; the caller frees it. */
static int read_text(const char *path, char **text, struct as_error *err)
{
	size_t count;
	int rc = as_file_read(path, AS_PATH_FILE | AS_PATH_PIPE, 1 << 30, text, &count, err);
	if (rc)
		return rc;
	if (!strncmp(*text, "PK\3\4", 4) || (**text == '\x80' && count > 1 && (*text)[1] >= 2 && (*text)[1] <= 5))
		rc = as_fail_help(err, AS_EDATA, from_torch, "%s: a file of torch.save; two lines of Python write it as text:", path);
	else if (memchr(*text, 0, count))
		rc = as_fail(err, AS_EDATA, "%s: not a text file: it has a zero byte", path);
	if (rc)
		free(*text);
	return rc;
}

/* An index of the images by the hashes of their names. */
struct index {
	struct named {
		uint64_t hash;
		int64_t image;
	} *name;
	int64_t count; /* 0: the images have no names */
};

static int by_hash(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->image > y->image) - (x->image < y->image);
}

static int index_names(const struct as_items *items, struct index *x, struct as_error *err)
{
	struct as_item item = {0};
	int rc = 0;
	*x = (struct index){malloc((size_t)items->count * sizeof *x->name), 0};
	if (!x->name)
		return as_fail(err, AS_EMEM, "memory: no room for the names of %lld images", (long long)items->count);
	for (int64_t i = 0; i < items->count && !rc; i++) {
		rc = as_items_tell(items, i, &item, err);
		if (!rc && item.name.length)
			x->name[x->count++] = (struct named){as_hash64(item.name.at, item.name.length), i};
	}
	as_item_clear(&item);
	qsort(x->name, (size_t)x->count, sizeof *x->name, by_hash);
	return rc;
}

/* The first image of this name; -1: there is none. */
static int64_t find_name(const struct index *x, const char *name)
{
	struct named key = {as_hash64(name, strlen(name)), 0};
	int64_t lo = 0, hi = x->count;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (by_hash(&x->name[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < x->count && x->name[lo].hash == key.hash ? x->name[lo].image : -1;
}

/* The same for paths that begin with "." or "/", as find(1) and some lists write them. */
static int64_t find_path(const struct index *x, const char *name)
{
	int64_t image = find_name(x, name);
	if (image < 0 && (*name == '/' || !strncmp(name, "./", 2)))
		image = find_name(x, strchr(name, '/') + 1);
	return image;
}

/* A list being read. */
struct list {
	const struct as_items *items;
	const char *path;
	struct index index;
	bool indices;    /* its entries are numbers */
	int64_t *pick, n;
	uint32_t *line;  /* the line that listed each image; 0: none */
};

static int find_entry(const struct list *l, const char *entry, uint32_t line, int64_t *image, struct as_error *err)
{
	struct as_error why;
	if (l->indices && as_parse_i64(entry, 0, l->items->count - 1, image, &why))
		return as_fail(err, AS_EDATA, "%s:%u: index: %s", l->path, line, why.text);
	if (l->indices)
		return 0;
	if (!l->index.count)
		return as_fail(err, AS_EDATA, "%s:%u: '%s': images of %s have no names; their indices are 0 to %lld", l->path, line,
			       entry, l->items->kind->name, (long long)l->items->count - 1);
	*image = find_path(&l->index, entry);
	return *image < 0 ? as_fail(err, AS_EDATA, "%s:%u: '%s' is not in the dataset", l->path, line, entry) : 0;
}

static int add_entry(struct list *l, const char *entry, uint32_t line, struct as_error *err)
{
	int64_t image;
	if (!l->n) /* the first entry decides for all: a number is an index, unless an image has it as its name */
		l->indices = !as_parse_i64(entry, INT64_MIN, INT64_MAX, &image, NULL) && find_path(&l->index, entry) < 0;
	int rc = find_entry(l, entry, line, &image, err);
	if (rc)
		return rc;
	if (l->line[image])
		return as_fail(err, AS_EDATA, "%s:%u: '%s' is there twice, first in line %u", l->path, line, entry, l->line[image]);
	l->line[image] = line;
	l->pick[l->n++] = image;
	return 0;
}

static int add_lines(struct list *l, char *text, struct as_error *err)
{
	uint32_t number = 0;
	int rc = 0;
	if (!strncmp(text, "\xef\xbb\xbf", 3)) /* the mark that Windows puts before UTF-8 */
		text += 3;
	for (char *at = text, *next; at && !rc; at = next) {
		if ((next = strchr(at, '\n')))
			*next++ = 0;
		char *entry = as_trim(at);
		number++;
		if (*entry)
			rc = add_entry(l, entry, number, err);
	}
	return rc || l->n ? rc : as_fail(err, AS_EDATA, "%s: an empty list", l->path);
}

int as_items_pick_list(struct as_items *items, const char *path, struct as_error *err)
{
	struct list l = {.items = items, .path = path};
	char *text = NULL;
	int rc = read_text(path, &text, err);
	if (rc)
		return rc;
	l.pick = malloc((size_t)items->count * sizeof *l.pick);
	l.line = calloc((size_t)items->count, sizeof *l.line);
	if (!l.pick || !l.line)
		rc = as_fail(err, AS_EMEM, "memory: no room for a list of %lld images", (long long)items->count);
	if (!rc)
		rc = index_names(items, &l.index, err);
	if (!rc)
		rc = add_lines(&l, text, err);
	if (!rc) {
		as_items_pick(items, l.pick, l.n);
		items->sorted = false;
		l.pick = NULL;
	}
	free(l.pick);
	free(l.line);
	free(l.index.name);
	free(text);
	return rc;
}
