/* The index of images that lie in large files: the table's columns, and a stamp of each file. */
#include <stdlib.h>
#include <string.h>

#include "data/members.h"

/* The columns of the table. Some are missing: id in archives, name and text in streams without names. */
enum { STAMP, FIRST, OFFSET, BYTES, LABEL, ID, NAME, TEXT, CLASSES, NOTES, COLUMNS };
static const struct as_column none[COLUMNS] = {
	{.name = "stamp", .dtype = AS_I8}, {.name = "first", .dtype = AS_I8}, {.name = "offset", .dtype = AS_I8},
	{.name = "bytes", .dtype = AS_I4}, {.name = "label", .dtype = AS_I4}, {.name = "id", .dtype = AS_I8},
	{.name = "name", .dtype = AS_I8}, {.name = "text", .dtype = AS_U1}, {.name = "classes", .dtype = AS_U1},
	{.name = "notes", .dtype = AS_U1},
};

/* The first file that is another now than the index says; -1: none; `files`: the index is of other files. */
static int find_changed(const struct as_members *m, const struct as_column *stamp)
{
	const int64_t *at = stamp->at;
	if (stamp->count != (int64_t)m->files * AS_STAMP)
		return m->files;
	for (int f = 0; f < m->files; f++)
		if (!as_stamp_same(&m->file[f].stamp, at + (int64_t)AS_STAMP * f))
			return at[AS_STAMP * f] ? f : m->files;
	return -1;
}

/* Whether the places of file f's images lie in it. */
static bool lie_in_file(const struct as_members *m, int f)
{
	int64_t size = m->file[f].stamp.at[2];
	for (int64_t i = m->first[f]; i < m->first[f + 1]; i++)
		if (m->offset[i] < 0 || m->bytes[i] < 0 || m->offset[i] > size || m->bytes[i] > size - m->offset[i])
			return false;
	return true;
}

/* Whether names begin one after the other, each behind a 0. */
static bool are_names(const struct as_members *m, int64_t text)
{
	bool good = text > 0 ? !m->text[text - 1] : !m->count;
	for (int64_t i = 0; i < m->count && good; i++)
		good = m->name[i] >= 0 && m->name[i] < text && (i ? m->name[i] > m->name[i - 1] : !m->name[i]) &&
		       (!i || !m->text[m->name[i] - 1]);
	return good;
}

static int put_texts(struct as_names *to, const struct as_column *c, struct as_error *err)
{
	const char *at = c->at, *end = at + c->count;
	int rc = 0;
	for (; at < end && !rc; at += strlen(at) + 1)
		rc = as_names_add(to, at, err);
	return rc;
}

static bool ends_texts(const struct as_column *c)
{
	return !c->count || !((const char *)c->at)[c->count - 1];
}

/* Points the table to the index's columns; whether they fit together. */
static bool take(struct as_members *m, const struct as_column *c)
{
	const int64_t *first = c[FIRST].at;
	bool named = c[NAME].at, own = c[ID].at;
	m->count = c[OFFSET].count;
	if (c[FIRST].count != m->files + 1 || c[BYTES].count != m->count || c[LABEL].count != m->count ||
	    (named && c[NAME].count != m->count) || (own && c[ID].count != m->count) || (!named && !own && m->count) ||
	    !ends_texts(&c[CLASSES]) || !ends_texts(&c[NOTES]) || first[0] || first[m->files] != m->count)
		return false;
	for (int f = 0; f < m->files; f++)
		if (first[f] > first[f + 1])
			return false;
	memcpy(m->first, first, sizeof *first * ((size_t)m->files + 1));
	m->offset = (int64_t *)(uintptr_t)c[OFFSET].at; /* columns of an index are only read */
	m->bytes = (int32_t *)(uintptr_t)c[BYTES].at;
	m->label = (int32_t *)(uintptr_t)c[LABEL].at;
	m->id = (int64_t *)(uintptr_t)c[ID].at;
	m->name = (int64_t *)(uintptr_t)c[NAME].at;
	m->text = (char *)(uintptr_t)c[TEXT].at;
	for (int f = 0; f < m->files; f++)
		if (!lie_in_file(m, f))
			return false;
	for (int64_t i = 0; i < m->count; i++)
		if (m->label[i] < -1)
			return false;
	return !named || are_names(m, c[TEXT].count);
}

int as_members_take(struct as_members *m, const char *file, struct as_items *items, struct as_error *err)
{
	struct as_column c[COLUMNS];
	int rc = as_catalog_load(&m->kept, file, m->form, err);
	if (rc <= 0)
		return rc;
	memcpy(c, none, sizeof c);
	for (int i = 0; i < COLUMNS; i++)
		if (!as_catalog_column(m->kept, &c[i]) && i != ID && i != NAME)
			return as_catalog_broken(file, err);
	int changed = find_changed(m, &c[STAMP]);
	if (changed < 0) {
		if (!take(m, c))
			return as_catalog_broken(file, err);
		rc = put_texts(&items->classes, &c[CLASSES], err);
		rc = rc ? rc : put_texts(&items->notes, &c[NOTES], err);
		return rc ? rc : 1;
	}
	as_safetensors_close(m->kept);
	m->kept = NULL;
	return changed == m->files ? 0 : as_say(&items->notes, err, "--index: %s has changed since: read anew", m->file[changed].path);
}

static struct as_column column_of(int i, const void *at, int64_t count)
{
	struct as_column c = none[i];
	c.at = at;
	c.count = count;
	return c;
}

int as_members_keep(struct as_members *m, const struct as_source *source, struct as_items *items, struct as_error *err)
{
	int n = 0;
	if (!source->index)
		return 0;
	int64_t *stamp = malloc(sizeof *stamp * AS_STAMP * (size_t)m->files);
	if (!stamp)
		return as_fail(err, AS_EMEM, "memory: no room for an index");
	for (int f = 0; f < m->files; f++) {
		struct as_stamp s = as_stamp_settled(m->file[f].stamp);
		memcpy(stamp + (ptrdiff_t)AS_STAMP * f, s.at, sizeof s.at);
	}
	size_t said = m->said < items->notes.count ? items->notes.from[m->said] : items->notes.bytes;
	struct as_column c[COLUMNS];
	c[n++] = column_of(STAMP, stamp, (int64_t)m->files * AS_STAMP);
	c[n++] = column_of(FIRST, m->first, m->files + 1);
	c[n++] = column_of(OFFSET, m->offset, m->count);
	c[n++] = column_of(BYTES, m->bytes, m->count);
	c[n++] = column_of(LABEL, m->label, m->count);
	if (m->id)
		c[n++] = column_of(ID, m->id, m->count);
	if (m->name)
		c[n++] = column_of(NAME, m->name, m->count);
	c[n++] = column_of(TEXT, m->text, (int64_t)m->text_count);
	c[n++] = column_of(CLASSES, items->classes.at, (int64_t)items->classes.bytes);
	c[n++] = column_of(NOTES, items->notes.at ? items->notes.at + said : NULL, (int64_t)(items->notes.bytes - said));
	int rc = as_catalog_save(source->index, m->form, c, n, err);
	free(stamp);
	return rc == AS_EIO ? as_say(&items->notes, err, "--index is not kept: %s", err->text) : rc;
}
