/* Tar archives of images, such as WebDataset's shards: members KEY.jpg and KEY.cls stand one after the other. libarchive finds
 * the members; images are then read by their places, in any order. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "data/members.h"
#include "data/texts.h"
#include "stream/archive.h"

/* An archive that is being read. */
struct walk {
	struct as_members *m;
	struct as_archive *archive;
	struct as_left *left;
	struct as_texts *labels;
	bool labelled;      /* there was a .cls in some archive */
	/* the sample that is being read: all members whose names agree up to the first dot */
	char key[AS_MAX_PATH], image_name[AS_MAX_PATH], label_name[AS_MAX_PATH];
	uint64_t at, bytes; /* of its image */
	bool image, plain;  /* it has one; its name has one ending: KEY.png rather than KEY.depth.png */
	int32_t label;      /* number of its text; -1: none yet */
};

/* What can be read only from its beginning, and so not in any order. */
static int refuse_packed(const char *path, int fd, struct as_error *err)
{
	static const struct {
		const char *magic, *name, *unpack;
	} kinds[] = {
		{"\x1f\x8b", "gzip", "gunzip -k"},
		{"(\xb5/\xfd", "Zstandard", "zstd -d"},
		{"\xfd""7zXZ", "xz", "unxz -k"},
		{"BZh", "bzip2", "bunzip2 -k"},
		{"\4\"M\x18", "LZ4", "lz4 -d"},
	};
	char start[8] = "";
	ssize_t n = pread(fd, start, sizeof start - 1, 0);
	for (size_t i = 0; n > 0 && i < sizeof kinds / sizeof *kinds; i++)
		if (!strncmp(start, kinds[i].magic, strlen(kinds[i].magic)))
			return as_fail(err, AS_EDATA, "%s: compressed (%s), and so not to be read from any place in it: %s %s", path,
				       kinds[i].name, kinds[i].unpack, path);
	return n == 0 ? as_fail(err, AS_EDATA, "%s: empty, no tar archive", path) : 0;
}

/* Ends the sample of the last key. */
static int end_sample(struct walk *w, struct as_error *err)
{
	int rc = 0;
	if (w->image) {
		rc = as_members_add(w->m, w->at, w->bytes, NULL, as_text_of(w->image_name), err);
		if (!rc)
			w->m->label[w->m->count - 1] = w->label;
	} else if (w->label >= 0) {
		rc = as_left_add(w->left, "labels (.cls) without their image beside them", "tar --sort=name puts it there",
				 w->label_name, err);
	}
	w->image = false;
	w->label = -1;
	return rc;
}

static int begin_sample(struct walk *w, const char *name, size_t key, struct as_error *err)
{
	if (strlen(w->key) == key && !memcmp(w->key, name, key))
		return 0;
	int rc = end_sample(w, err);
	memcpy(w->key, name, key);
	w->key[key] = 0;
	return rc;
}

/* Reads a label: a number or a name. */
static int read_label(struct walk *w, const struct as_archive_member *m, const char *name, struct as_error *err)
{
	char text[257];
	size_t n = 0, got = 1;
	if (m->bytes >= sizeof text)
		return as_left_add(w->left, "labels (.cls) of more than 256 bytes", NULL, name, err);
	while (n < m->bytes && got) {
		int rc = as_archive_read(w->archive, text + n, sizeof text - 1 - n, &got, err);
		if (rc)
			return rc;
		n += got;
	}
	while (n && strchr(" \t\r\n", text[n - 1]))
		n--;
	text[n] = 0;
	if (!n || strlen(text) != n || strchr(text, '\n'))
		return as_left_add(w->left, "labels (.cls) that are no number or name", NULL, name, err);
	w->labelled = true;
	strcpy(w->label_name, name);
	return as_texts_put(w->labels, (struct as_text){text, n}, &w->label, err);
}

static int add_image(struct walk *w, const struct as_archive_member *m, const char *name, const char *dots, struct as_error *err)
{
	if (m->kind == AS_MEMBER_LINK)
		return as_left_add(w->left, "links", "tar -h --hard-dereference puts in what they lead to", name, err);
	if (m->kind != AS_MEMBER_FILE)
		return as_left_add(w->left, m->kind == AS_MEMBER_SPARSE ? "files with holes" : "neither file nor folder", NULL, name, err);
	bool plain = !strchr(dots + 1, '.'), better = plain && !w->plain;
	if (w->image) { /* of KEY.depth.png and KEY.jpg it is the second that counts */
		int rc = as_left_add(w->left, "further images of a key", NULL, better ? w->image_name : name, err);
		if (rc || !better)
			return rc;
	}
	w->image = true;
	w->plain = plain;
	w->at = m->at;
	w->bytes = m->bytes;
	strcpy(w->image_name, name);
	return 0;
}

static int take_member(struct walk *w, const struct as_archive_member *m, struct as_error *err)
{
	const char *name = m->name;
	while (!strncmp(name, "./", 2))
		name += 2;
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name, *dots = strchr(base, '.');
	if (m->kind == AS_MEMBER_FOLDER || !dots || *name == '.' || strstr(name, "/."))
		return 0;
	if (strlen(name) >= AS_MAX_PATH)
		return as_left_add(w->left, "names of more than 4095 bytes", NULL, name, err);
	bool label = !strcmp(dots, ".cls");
	if (!label && !as_scan_named(name))
		return 0; /* something else of the sample: a text, a JSON */
	int rc = begin_sample(w, name, (size_t)(dots - name), err);
	if (rc)
		return rc;
	return label ? m->kind == AS_MEMBER_FILE ? read_label(w, m, name, err) : 0 : add_image(w, m, name, dots, err);
}

/* Looks behind the last member, which ends at `at`: the two empty blocks of an archive's end are before it, and only
 * zeros come after it. */
static int check_end(const struct walk *w, const char *path, int fd, uint64_t at, struct as_names *notes, struct as_error *err)
{
	enum { BLOCK = 512, CHUNK = 1 << 16 };
	static const char zeros[CHUNK];
	char *chunk = malloc(CHUNK);
	int rc = chunk ? 0 : as_fail(err, AS_EMEM, "memory: no room to read an archive");
	ssize_t n = rc || at < BLOCK ? 0 : pread(fd, chunk, BLOCK, (off_t)(at - BLOCK));
	if (!rc && (n != BLOCK || memcmp(chunk, zeros, BLOCK) != 0))
		rc = as_say(notes, err, "%s: ends without an archive's end, as if its writer had been stopped; images in it: %lld", path,
			    (long long)(w->m->count - w->m->first[as_members_where(w->m, w->m->count)]));
	while (!rc && (n = pread(fd, chunk, CHUNK, (off_t)at)) > 0) {
		if (memcmp(chunk, zeros, (size_t)n) != 0)
			rc = as_fail(err, AS_EDATA, "%s: something stands behind the archive's end: of several archives each is a PATH of "
				     "its own, not joined by cat", path);
		at += (uint64_t)n;
	}
	free(chunk);
	return rc;
}

static int walk_members(struct walk *w, const char *path, int fd, struct as_names *notes, struct as_error *err)
{
	struct as_archive_member m = {0};
	int rc = as_archive_open_tar(&w->archive, fd, err);
	if (rc)
		return rc == AS_EDATA ? as_fail(err, rc, "no tar archive") : rc;
	*w->key = 0;
	w->image = false;
	w->label = -1;
	while ((rc = as_archive_member(w->archive, &m, err)) > 0 && !(rc = take_member(w, &m, err)))
		;
	if (rc == AS_EDATA && !m.name)
		rc = as_fail(err, rc, "no tar archive, or damaged at its beginning");
	if (!rc)
		rc = end_sample(w, err);
	as_archive_close(w->archive);
	return rc ? rc : check_end(w, path, fd, m.at, notes, err);
}

/* Reads archive i. */
static int walk_archive(struct walk *w, int i, struct as_names *notes, struct as_error *err)
{
	const char *path = w->m->file[i].path;
	int fd = as_members_enter(w->m, i, err);
	if (fd < 0)
		return fd;
	as_members_begin(w->m, i);
	int rc = refuse_packed(path, fd, err);
	if (!rc && (rc = walk_members(w, path, fd, notes, err)) && strncmp(err->text, path, strlen(path)) != 0)
		as_fail_within(err, "%s", path);
	as_members_leave(w->m, i, fd);
	return rc;
}

/* ---- labels ---- */

/* Without any .cls, the folder that an image lies in is its class, if all lie in folders, and not all in one. */
static int label_by_folder(struct as_members *m, struct as_texts *labels, struct as_error *err)
{
	int rc = 0;
	for (int64_t i = 0; i < m->count && !rc; i++) {
		struct as_text name = as_members_name(m, i);
		const char *slash = strrchr(name.at, '/'), *from = slash;
		while (from && from > name.at && from[-1] != '/')
			from--;
		if (!slash) {
			as_texts_clear(labels);
			break;
		}
		rc = as_texts_put(labels, (struct as_text){from, (size_t)(slash - from)}, &m->label[i], err);
	}
	if (!rc && labels->names.count < 2) {
		as_texts_clear(labels);
		for (int64_t i = 0; i < m->count; i++)
			m->label[i] = -1;
	}
	return rc;
}

/* Puts the classes' numbers in place of those of the texts, and notes images without one. */
static int put_labels(struct walk *w, struct as_items *items, struct as_error *err)
{
	struct as_members *m = w->m;
	int32_t *label;
	int64_t without = 0, first = -1;
	int rc = w->labelled ? 0 : label_by_folder(m, w->labels, err);
	if (rc || !w->labels->names.count)
		return rc;
	if (!w->labelled)
		rc = as_say(&items->notes, err, "no .cls: the classes are the folders that images lie in, %lld",
			    (long long)w->labels->names.count);
	rc = rc ? rc : as_texts_classes(w->labels, !w->labelled, &label, &items->classes, err);
	for (int64_t i = 0; i < m->count && !rc; i++) {
		m->label[i] = m->label[i] < 0 ? -1 : label[m->label[i]];
		if (m->label[i] < 0 && !without++)
			first = i;
	}
	if (!rc)
		free(label);
	if (rc || !without)
		return rc;
	struct as_text name = as_members_name(m, first);
	return as_say(&items->notes, err, "images without a label, %lld of %lld, the first %.*s", (long long)without,
		      (long long)m->count, (int)name.length, name.at);
}

/* Reads all archives. */
static int read_all(struct as_members *m, const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_left left = {0};
	struct as_texts labels = {0};
	struct walk *w = calloc(1, sizeof *w);
	int rc = w ? 0 : as_fail(err, AS_EMEM, "memory: no room to read an archive");
	if (w)
		*w = (struct walk){.m = m, .left = &left, .labels = &labels};
	for (int i = 0; i < m->files && !rc; i++)
		rc = walk_archive(w, i, &items->notes, err);
	if (!rc) {
		as_members_end(m);
		rc = as_left_say(&left, &items->notes, err);
	}
	rc = rc ? rc : put_labels(w, items, err);
	rc = rc ? rc : as_members_repeats(m, &items->notes, err);
	rc = rc || !m->count ? rc : as_members_keep(m, source, items, err);
	as_texts_clear(&labels);
	as_left_clear(&left);
	free(w);
	return rc;
}

static int open_tar(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_members *m = items->self = calloc(1, sizeof *m);
	if (!m)
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	m->form = items->kind->name;
	int rc = as_members_open(m, source, items, err);
	if (!rc)
		rc = read_all(m, source, items, err);
	items->count = m->count;
	items->sorted = rc >= 0 && as_members_sorted(m);
	return rc < 0 ? rc : 0;
}

static int tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	(void)err;
	as_members_tell(items->self, i, item);
	return 0;
}

static void blame(const struct as_items *items, int64_t i, struct as_error *err)
{
	const struct as_members *m = items->self;
	struct as_text name = as_members_name(m, i);
	as_fail_within(err, "%s: %.*s", m->file[as_members_where(m, i)].path, (int)name.length, name.at);
}

static int load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct as_members *m = items->self;
	if (m->bytes[i] <= AS_MAX_IMAGE)
		return as_members_load(m, i, item, err);
	as_fail(err, AS_EMEM, "%lld bytes, at most %lld are read", (long long)m->bytes[i], (long long)AS_MAX_IMAGE);
	blame(items, i, err);
	return AS_EMEM;
}

static void close_tar(struct as_items *items)
{
	if (items->self)
		as_members_clear(items->self);
	free(items->self);
}

const struct as_dataset as_data_tar = {
	.name = "tar",
	.doc = "images in tar archives, such as shards of WebDataset; labels from KEY.cls or from folders",
	.disk = "tar archives, one PATH each, of members KEY.jpg (or .png) and KEY.cls",
	.own = true,
	.many = true,
	.indexed = true,
	.open = open_tar,
	.tell = tell,
	.load = load,
	.blame = blame,
	.close = close_tar,
};
