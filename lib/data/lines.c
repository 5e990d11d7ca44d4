/* Lists of published sets: a name or a path a line. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "data/published.h"

static int add_line(struct as_lines *l, char *text, uint32_t number, int64_t *room, struct as_error *err)
{
	if (l->count == *room) {
		*room = *room ? 2 * *room : 256;
		struct as_text_line *more = realloc(l->line, (size_t)*room * sizeof *more);
		if (!more)
			return as_fail(err, AS_EMEM, "memory: no room for %lld lines", (long long)*room);
		l->line = more;
	}
	l->line[l->count++] = (struct as_text_line){text, number};
	return 0;
}

int as_lines_read(struct as_lines *l, const char *folder, const char *name, struct as_error *err)
{
	int64_t room = 0;
	uint32_t number = 0;
	*l = (struct as_lines){.path = as_format(err, "%s%s%s", folder, *folder ? "/" : "", name)};
	int rc = l->path ? as_text_read(l->path, AS_PATH_FILE | AS_PATH_PIPE, 1 << 30, &l->text, err) : AS_EMEM;
	if (rc)
		return rc;
	char *at = strncmp(l->text, "\xef\xbb\xbf", 3) ? l->text : l->text + 3;
	for (char *next; at && !rc; at = next) {
		if ((next = strchr(at, '\n')))
			*next++ = 0;
		char *text = as_trim(at);
		number++;
		if (*text)
			rc = add_line(l, text, number, &room, err);
	}
	return rc || l->count ? rc : as_fail(err, AS_EDATA, "%s: an empty list", l->path);
}

void as_lines_clear(struct as_lines *l)
{
	free(l->path);
	free(l->text);
	free(l->line);
	*l = (struct as_lines){0};
}

int as_lines_fail(const struct as_lines *l, int64_t i, struct as_error *err, const char *fmt, ...)
{
	char text[sizeof err->text];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return as_fail(err, AS_EDATA, "%s:%u: %s", l->path, l->line[i].number, text);
}

int as_lines_classes(const struct as_lines *l, struct as_names *classes, struct as_error *err)
{
	int rc = 0;
	for (int64_t i = 0; i < l->count && !rc; i++)
		rc = as_names_add(classes, l->line[i].text, err);
	return rc;
}

/* A name that does not end where its text does. */
struct span {
	const char *at;
	size_t length;
};

static int by_bytes(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = memcmp(x->at, y->at, x->length < y->length ? x->length : y->length);
	return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* The folders of a list's lines, most of which repeat the one before. */
static int find_folders(const struct as_lines *l, struct span *folder, int64_t *folders, struct as_error *err)
{
	for (int64_t i = 0; i < l->count; i++) {
		const char *text = l->line[i].text + (*l->line[i].text == '/'), *slash = strrchr(text, '/');
		if (!slash)
			return as_lines_fail(l, i, err, "'%.100s': lines are CLASS/FILE", text);
		struct span s = {text, (size_t)(slash - text)};
		if (!*folders || by_bytes(&s, &folder[*folders - 1]))
			folder[(*folders)++] = s;
	}
	return 0;
}

int as_lines_folders(const struct as_lines *l, int n, struct as_names *classes, struct as_error *err)
{
	int64_t lines = 1, folders = 0;
	for (int i = 0; i < n; i++)
		lines += l[i].count;
	struct span *folder = malloc((size_t)lines * sizeof *folder);
	int rc = folder ? 0 : as_fail(err, AS_EMEM, "memory: no room for %lld folders", (long long)lines);
	for (int i = 0; i < n && !rc; i++)
		rc = find_folders(&l[i], folder, &folders, err);
	qsort(folder, rc ? 0 : (size_t)folders, sizeof *folder, by_bytes);
	for (int64_t i = 0; i < folders && !rc; i++)
		if (!i || by_bytes(&folder[i], &folder[i - 1]))
			rc = as_names_put(classes, (struct as_text){folder[i].at, folder[i].length}, err);
	free(folder);
	return rc;
}

/* ---- classes by name ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct as_indexed *)a)->name, ((const struct as_indexed *)b)->name);
}

int as_index_new(struct as_index *x, const struct as_names *names, struct as_error *err)
{
	*x = (struct as_index){malloc((size_t)(names->count + 1) * sizeof *x->at), names->count};
	if (!x->at)
		return as_fail(err, AS_EMEM, "memory: no room for %lld classes", (long long)names->count);
	for (int64_t i = 0; i < names->count; i++)
		x->at[i] = (struct as_indexed){as_names_at(names, i), (int32_t)i};
	qsort(x->at, (size_t)x->count, sizeof *x->at, by_name);
	for (int64_t i = 1; i < x->count; i++)
		if (!strcmp(x->at[i].name, x->at[i - 1].name))
			return as_fail(err, AS_EDATA, "class '%s' is there twice", x->at[i].name);
	return 0;
}

int32_t as_index_find(const struct as_index *x, const char *name, size_t length)
{
	int64_t lo = 0, hi = x->count;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		const char *at = x->at[mid].name;
		int order = strncmp(at, name, length);
		if (!order && !at[length])
			return x->at[mid].label;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

void as_index_clear(struct as_index *x)
{
	free(x->at);
	*x = (struct as_index){0};
}

/* ---- images ---- */

/* The class of CLASS/FILE; -1: none. */
static int32_t class_of(const struct as_index *x, const char *text)
{
	int32_t label = -1;
	for (size_t n = strlen(text); n && label < 0; n--)
		if (text[n] == '/')
			label = as_index_find(x, text, n);
	return label;
}

int as_lines_put(const struct as_lines *l, const struct as_index *x, const char *ending, struct as_paths *p,
		 struct as_error *err)
{
	char name[AS_MAX_PATH];
	int rc = as_paths_from(p, l->path, err);
	for (int64_t i = 0; i < l->count && !rc; i++) {
		const char *text = l->line[i].text + (*l->line[i].text == '/');
		int32_t label = class_of(x, text);
		int n = snprintf(name, sizeof name, "%s%s", text, ending);
		if (label < 0)
			rc = as_lines_fail(l, i, err, "'%.100s' is in none of the %lld classes", text, (long long)x->count);
		else if (n >= AS_MAX_PATH)
			rc = as_lines_fail(l, i, err, "'%.100s...' is too long a path", text);
		else
			rc = as_paths_add(p, name, label, l->line[i].number, err);
	}
	return rc;
}
