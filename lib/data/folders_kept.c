/* The index of a set of folders: the names in each folder, with the folder's stamp. A folder's times change when a name in it is
 * added, removed or changed, so a walk needs one stat for each folder instead of reading all of its names; what lies in the
 * files is read when an image is loaded, and so is never kept. A link is kept as what it led to. */
#include <stdlib.h>
#include <string.h>

#include "data/catalog.h"

#define FORM "folders"

/* Bytes that grow. */
struct bytes {
	char *at;
	size_t count, room;
};

static int put(struct bytes *b, const void *at, size_t n, struct as_error *err)
{
	if (n > b->room - b->count) {
		size_t room = 2 * b->room + n + 4096;
		char *more = realloc(b->at, room);
		if (!more)
			return as_fail(err, AS_EMEM, "memory: no room for an index of %zu bytes", room);
		b->at = more;
		b->room = room;
	}
	memcpy(b->at + b->count, at, n);
	b->count += n;
	return 0;
}

/* A folder that was read anew. */
struct fresh {
	size_t name, entries; /* where they begin in `text` and `entries` */
	struct as_stamp stamp;
};

struct as_catalog {
	const char *file, *root; /* root: of the set, that the folders' names start from */
	struct as_safetensors *old;
	const char *text, *entries;           /* of the old index */
	const int64_t *name, *stamp, *first;  /* folder i: its name in the text, its stamp, its entries from first[i] to first[i+1] */
	int64_t folders;
	bool *used;                           /* of the old folders: found, and as they were */
	struct bytes fresh, fresh_text, fresh_entries;
	int64_t changed;                      /* folders that had another stamp */
	const char *first_changed;
};

/* Checks that places begin at 0, do not go back, and end at `end`. */
static bool are_places(const struct as_column *c, int64_t end)
{
	const int64_t *at = c->at;
	bool good = c->count > 0 && at[0] == 0 && at[c->count - 1] == end;
	for (int64_t i = 1; i < c->count && good; i++)
		good = at[i] >= at[i - 1];
	return good;
}

static int read_old(struct as_catalog *c, struct as_error *err)
{
	struct as_column text = {.name = "text", .dtype = AS_U1}, entries = {.name = "entries", .dtype = AS_U1};
	struct as_column name = {.name = "name", .dtype = AS_I8}, stamp = {.name = "stamp", .dtype = AS_I8};
	struct as_column first = {.name = "first", .dtype = AS_I8};
	if (!as_catalog_column(c->old, &text) || !as_catalog_column(c->old, &entries) || !as_catalog_column(c->old, &name) ||
	    !as_catalog_column(c->old, &stamp) || !as_catalog_column(c->old, &first) || name.count != first.count ||
	    stamp.count != AS_STAMP * (name.count - 1) || !are_places(&name, text.count) || !are_places(&first, entries.count))
		return as_catalog_broken(c->file, err);
	c->text = text.at;
	c->entries = entries.at;
	c->name = name.at;
	c->stamp = stamp.at;
	c->first = first.at;
	c->folders = name.count - 1;
	for (int64_t i = 0; i < c->folders; i++) { /* texts end with a 0, names come in their order */
		const int64_t *n = c->name + i, *e = c->first + i;
		if (n[1] == n[0] || c->text[n[1] - 1] || (e[1] > e[0] && c->entries[e[1] - 1]) ||
		    (i && strcmp(c->text + n[-1], c->text + n[0]) >= 0))
			return as_catalog_broken(c->file, err);
	}
	c->used = calloc((size_t)c->folders + 1, sizeof *c->used);
	return c->used ? 0 : as_fail(err, AS_EMEM, "memory: no room for an index of %lld folders", (long long)c->folders);
}

int as_catalog_open(struct as_catalog **out, const char *file, struct as_error *err)
{
	struct as_catalog *c = calloc(1, sizeof *c);
	if (!c)
		return as_fail(err, AS_EMEM, "memory: no room for an index");
	c->file = file;
	int rc = as_catalog_load(&c->old, file, FORM, err);
	if (rc > 0)
		rc = read_old(c, err);
	if (rc)
		as_catalog_close(c);
	else
		*out = c;
	return rc;
}

/* The place of a folder in the old index; -1: it is not there. */
static int64_t place_of(const struct as_catalog *c, const char *inside)
{
	int64_t lo = 0, hi = c->folders;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		int order = strcmp(c->text + c->name[mid], inside);
		if (!order)
			return mid;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

bool as_catalog_find(struct as_catalog *c, const char *root, const char *inside, const struct as_stamp *stamp, const char **at,
		     const char **end)
{
	int64_t i = place_of(c, inside);
	c->root = root;
	if (i < 0)
		return false;
	const int64_t *was = c->stamp + AS_STAMP * i;
	if (!as_stamp_same(stamp, was)) {
		if (was[0] && !c->changed++)
			c->first_changed = c->text + c->name[i];
		return false;
	}
	c->used[i] = true;
	*at = c->entries + c->first[i];
	*end = c->entries + c->first[i + 1];
	return true;
}

int as_catalog_begin(struct as_catalog *c, const char *inside, const struct as_stamp *stamp, struct as_error *err)
{
	struct fresh f = {c->fresh_text.count, c->fresh_entries.count, as_stamp_settled(*stamp)};
	int rc = put(&c->fresh_text, inside, strlen(inside) + 1, err);
	return rc ? rc : put(&c->fresh, &f, sizeof f, err);
}

int as_catalog_add(struct as_catalog *c, char kind, const char *name, struct as_error *err)
{
	int rc = put(&c->fresh_entries, &kind, 1, err);
	return rc ? rc : put(&c->fresh_entries, name, strlen(name) + 1, err);
}

/* ---- writing ---- */

/* A folder of the new index. */
struct folder {
	const char *name, *entries;
	size_t bytes;
	struct as_stamp stamp;
	int64_t turn; /* of those of one name, the last that was read counts */
};

static int by_folder(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : (x->turn < y->turn) - (x->turn > y->turn);
}

/* An old folder that was not asked for this time, as of another split: whether it is still as it was. */
static bool still(const struct as_catalog *c, int64_t i)
{
	struct stat st;
	char *path = as_format(NULL, "%s%s", c->root, c->text + c->name[i]);
	bool same = path && !stat(path, &st);
	struct as_stamp now = same ? as_stamp_of(&st) : (struct as_stamp){{0}};
	free(path);
	return same && as_stamp_same(&now, c->stamp + AS_STAMP * i);
}

/* All folders of the new index, sorted, each once: the old ones that are as they were, and the fresh ones. */
static int64_t gather(const struct as_catalog *c, struct folder *to)
{
	const struct fresh *fresh = (const void *)c->fresh.at;
	int64_t n = 0, kept = 0, fresh_count = (int64_t)(c->fresh.count / sizeof *fresh);
	for (int64_t i = 0; i < c->folders; i++) {
		if (!c->used[i] && !still(c, i))
			continue;
		struct folder *f = &to[n++];
		*f = (struct folder){c->text + c->name[i], c->entries + c->first[i], (size_t)(c->first[i + 1] - c->first[i]),
				     {{0}}, -1};
		memcpy(f->stamp.at, c->stamp + AS_STAMP * i, sizeof f->stamp.at);
	}
	for (int64_t i = 0; i < fresh_count; i++) {
		size_t end = i + 1 < fresh_count ? fresh[i + 1].entries : c->fresh_entries.count;
		const char *entries = c->fresh_entries.at ? c->fresh_entries.at + fresh[i].entries : "";
		to[n++] = (struct folder){c->fresh_text.at + fresh[i].name, entries, end - fresh[i].entries, fresh[i].stamp, i};
	}
	qsort(to, (size_t)n, sizeof *to, by_folder);
	for (int64_t i = 0; i < n; i++)
		if (!kept || strcmp(to[kept - 1].name, to[i].name) != 0)
			to[kept++] = to[i];
	return kept;
}

/* The columns of the new index. */
struct columns {
	struct bytes text, entries, name, stamp, first;
};

static int put_folder(struct columns *to, const struct folder *f, struct as_error *err)
{
	int64_t name = (int64_t)to->text.count, first = (int64_t)to->entries.count;
	int rc = put(&to->name, &name, sizeof name, err);
	rc = rc ? rc : put(&to->first, &first, sizeof first, err);
	if (rc || !f) /* the end of the last */
		return rc;
	rc = put(&to->stamp, f->stamp.at, sizeof f->stamp.at, err);
	rc = rc ? rc : put(&to->text, f->name, strlen(f->name) + 1, err);
	return rc ? rc : put(&to->entries, f->entries, f->bytes, err);
}

static int save(const struct as_catalog *c, struct as_error *err)
{
	struct columns to = {0};
	size_t most = (size_t)c->folders + c->fresh.count / sizeof(struct fresh) + 1;
	struct folder *folder = malloc(most * sizeof *folder);
	int rc = folder ? 0 : as_fail(err, AS_EMEM, "memory: no room for an index of %zu folders", most);
	int64_t n = folder ? gather(c, folder) : 0;
	for (int64_t i = 0; i <= n && !rc; i++)
		rc = put_folder(&to, i < n ? &folder[i] : NULL, err);
	if (!rc) {
		const struct as_column column[] = {
			{"name", AS_I8, n + 1, to.name.at},
			{"first", AS_I8, n + 1, to.first.at},
			{"stamp", AS_I8, AS_STAMP * n, to.stamp.at},
			{"text", AS_U1, (int64_t)to.text.count, to.text.at},
			{"entries", AS_U1, (int64_t)to.entries.count, to.entries.at},
		};
		rc = as_catalog_save(c->file, FORM, column, sizeof column / sizeof *column, err);
	}
	free(folder);
	free(to.text.at);
	free(to.entries.at);
	free(to.name.at);
	free(to.stamp.at);
	free(to.first.at);
	return rc;
}

int as_catalog_end(struct as_catalog *c, struct as_names *notes, struct as_error *err)
{
	int rc = 0;
	if (c->changed)
		rc = as_say(notes, err, "--index: folders that have changed since, %lld of %lld, the first %s: read anew",
			    (long long)c->changed, (long long)c->folders, *c->first_changed ? c->first_changed : "that of the set");
	if (rc || !c->fresh.count)
		return rc;
	rc = save(c, err);
	return rc == AS_EIO ? as_say(notes, err, "--index is not kept: %s", err->text) : rc;
}

void as_catalog_close(struct as_catalog *c)
{
	if (!c)
		return;
	as_safetensors_close(c->old);
	free(c->used);
	free(c->fresh.at);
	free(c->fresh_text.at);
	free(c->fresh_entries.at);
	free(c);
}
