#include "data/members.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"

/* So many files stay open; of more, each is opened for its image. */
enum { OPEN = 256 };

static int open_file(const struct as_member_file *f, struct as_stamp *stamp, struct as_error *err)
{
	struct stat st;
	int fd = as_path_open(f->path, AS_PATH_FILE, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st)) {
		close(fd);
		return as_fail_errno(err, "%s", f->path);
	}
	*stamp = as_stamp_of(&st);
	return fd;
}

static int open_files(struct as_members *m, const struct as_source *source, struct as_error *err)
{
	size_t n = (size_t)source->paths;
	m->file = calloc(n, sizeof *m->file);
	m->first = calloc(n + 1, sizeof *m->first);
	if (!m->file || !m->first)
		return as_fail(err, AS_EMEM, "memory: no room for %zu files", n);
	for (; m->files < source->paths; m->files++) {
		struct as_member_file *f = &m->file[m->files];
		*f = (struct as_member_file){.path = source->path[m->files]};
		f->fd = open_file(f, &f->stamp, err);
		if (f->fd < 0)
			return f->fd;
		if (m->files < OPEN)
			continue;
		close(f->fd);
		f->fd = -1;
	}
	return 0;
}

int as_members_open(struct as_members *m, const struct as_source *source, struct as_items *items, struct as_error *err)
{
	int rc = open_files(m, source, err);
	rc = rc || !source->index ? rc : as_members_take(m, source->index, items, err);
	m->said = items->notes.count;
	return rc;
}

/* ---- adding ---- */

int as_members_enter(const struct as_members *m, int i, struct as_error *err)
{
	struct as_stamp stamp;
	int fd = m->file[i].fd < 0 ? open_file(&m->file[i], &stamp, err) : m->file[i].fd;
	if (fd >= 0 && lseek(fd, 0, SEEK_SET)) {
		as_members_leave(m, i, fd);
		return as_fail_errno(err, "%s", m->file[i].path);
	}
	return fd;
}

void as_members_leave(const struct as_members *m, int i, int fd)
{
	if (fd != m->file[i].fd)
		close(fd);
}

void as_members_begin(struct as_members *m, int i)
{
	m->first[i] = m->count;
}

void as_members_end(struct as_members *m)
{
	m->first[m->files] = m->count;
}

static int grow(void *column, size_t each, int64_t room, struct as_error *err)
{
	void *old, *more;
	memcpy(&old, column, sizeof old);
	more = realloc(old, (size_t)room * each);
	if (!more)
		return as_fail(err, AS_EMEM, "memory: no room for %lld images", (long long)room);
	memcpy(column, &more, sizeof more);
	return 0;
}

static int make_room(struct as_members *m, bool own, struct as_error *err)
{
	if (m->count < m->room)
		return 0;
	int64_t room = m->room ? m->room + m->room / 2 : 1024;
	int rc = grow(&m->offset, sizeof *m->offset, room, err);
	rc = rc ? rc : grow(&m->bytes, sizeof *m->bytes, room, err);
	rc = rc ? rc : grow(&m->label, sizeof *m->label, room, err);
	rc = rc || !own ? rc : grow(&m->id, sizeof *m->id, room, err);
	rc = rc || !m->name ? rc : grow(&m->name, sizeof *m->name, room, err);
	m->room = rc ? m->room : room;
	return rc;
}

static int put_name(struct as_members *m, int64_t i, struct as_text name, struct as_error *err)
{
	size_t need = m->text_count + name.length + 1;
	if (need > m->text_room) {
		size_t room = need + need / 2 + 4096;
		int rc = grow(&m->text, 1, (int64_t)room, err);
		if (rc)
			return rc;
		m->text_room = room;
	}
	m->name[i] = (int64_t)m->text_count;
	if (name.length)
		memcpy(m->text + m->text_count, name.at, name.length);
	m->text[m->text_count + name.length] = 0;
	m->text_count = need;
	return 0;
}

/* Names the next image; the first that has a name makes the column, in which those before it have empty ones. */
static int add_name(struct as_members *m, struct as_text name, struct as_error *err)
{
	int rc = 0;
	bool begins = !m->name;
	if (begins && !name.length)
		return 0;
	if (begins)
		rc = grow(&m->name, sizeof *m->name, m->room, err);
	for (int64_t i = 0; begins && i < m->count && !rc; i++)
		rc = put_name(m, i, (struct as_text){NULL, 0}, err);
	return rc ? rc : put_name(m, m->count, name, err);
}

int as_members_add(struct as_members *m, uint64_t offset, uint64_t bytes, const uint64_t *id, struct as_text name,
		   struct as_error *err)
{
	int rc = make_room(m, id, err);
	if (!rc)
		rc = add_name(m, name, err);
	if (rc)
		return rc;
	m->offset[m->count] = (int64_t)offset;
	m->bytes[m->count] = bytes < INT32_MAX ? (int32_t)bytes : INT32_MAX;
	m->label[m->count] = -1;
	if (id)
		memcpy(&m->id[m->count], id, sizeof *id);
	m->count++;
	return 0;
}

void as_members_clear(struct as_members *m)
{
	for (int f = 0; f < m->files; f++)
		if (m->file[f].fd >= 0)
			close(m->file[f].fd);
	free(m->file);
	free(m->first);
	if (!m->kept) {
		free(m->offset);
		free(m->bytes);
		free(m->label);
		free(m->id);
		free(m->name);
		free(m->text);
	}
	as_safetensors_close(m->kept);
	*m = (struct as_members){0};
}

/* ---- using ---- */

struct as_text as_members_name(const struct as_members *m, int64_t i)
{
	const char *at = m->name ? m->text + m->name[i] : "";
	return (struct as_text){at, strlen(at)};
}

static uint64_t id_of(const struct as_members *m, int64_t i)
{
	struct as_text name;
	if (m->id)
		return (uint64_t)m->id[i];
	name = as_members_name(m, i);
	return as_hash64(name.at, name.length);
}

void as_members_tell(const struct as_members *m, int64_t i, struct as_item *item)
{
	item->name = as_members_name(m, i);
	item->id = id_of(m, i);
	item->label = m->label[i];
}

int as_members_where(const struct as_members *m, int64_t i)
{
	int lo = 0, hi = m->files - 1;
	while (lo < hi) { /* the last file whose first image is not behind i */
		int mid = lo + (hi - lo + 1) / 2;
		if (m->first[mid] <= i)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

bool as_members_sorted(const struct as_members *m)
{
	bool sorted = m->count > 1 && m->label[0] >= 0 && m->label[0] != m->label[m->count - 1];
	for (int64_t i = 1; i < m->count && sorted; i++)
		sorted = m->label[i] >= m->label[i - 1];
	return sorted;
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

int as_members_repeats(const struct as_members *m, struct as_names *notes, struct as_error *err)
{
	uint64_t *id = malloc((size_t)(m->count + 1) * sizeof *id), repeated = 0;
	int64_t count = 0, first = -1;
	if (!id)
		return as_fail(err, AS_EMEM, "memory: no room for %lld ids", (long long)m->count);
	for (int64_t i = 0; i < m->count; i++)
		id[i] = id_of(m, i);
	qsort(id, (size_t)m->count, sizeof *id, by_id);
	for (int64_t i = 1; i < m->count; i++)
		if (id[i] == id[i - 1] && !count++)
			repeated = id[i];
	free(id);
	if (!count)
		return 0;
	for (int64_t i = 0, met = 0; first < 0; i++)
		if (id_of(m, i) == repeated && met++)
			first = i;
	struct as_text name = as_members_name(m, first);
	return as_say(notes, err, "repeated ids, %lld of %lld images, as %s%.*s in %s: these are augmented alike",
		      (long long)count, (long long)m->count, name.length ? "" : "one without a name", (int)name.length, name.at,
		      m->file[as_members_where(m, first)].path);
}

/* Reads n bytes at `at`. */
static int read_at(int fd, char *to, size_t n, int64_t at, const char *path, struct as_error *err)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(fd, to + done, n - done, (off_t)at + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return as_fail_errno(err, "%s", path);
		if (!got)
			return as_fail(err, AS_EDATA, "%s: has become shorter since it was opened", path);
		done += (size_t)got;
	}
	return 0;
}

static int read_image(const struct as_member_file *f, int fd, int64_t at, size_t n, struct as_item *item, struct as_error *err)
{
	struct stat st;
	if (fstat(fd, &st))
		return as_fail_errno(err, "%s", f->path);
	struct as_stamp now = as_stamp_of(&st);
	if (now.at[0] != f->stamp.at[0] || now.at[2] != f->stamp.at[2]) /* a chmod may be */
		return as_fail(err, AS_EDATA, "%s: has changed since it was opened: start again", f->path);
	if (!(item->bytes = malloc(n + !n)))
		return as_fail(err, AS_EMEM, "%s: no memory for an image of %zu bytes", f->path, n);
	item->count = item->room = n;
	return read_at(fd, item->bytes, n, at, f->path, err);
}

int as_members_load(const struct as_members *m, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct as_member_file *f = &m->file[as_members_where(m, i)];
	struct as_stamp stamp;
	as_item_drop(item);
	int fd = f->fd < 0 ? open_file(f, &stamp, err) : f->fd;
	if (fd < 0)
		return fd;
	int rc = read_image(f, fd, m->offset[i], (size_t)m->bytes[i], item, err);
	if (f->fd < 0)
		close(fd);
	return rc;
}
