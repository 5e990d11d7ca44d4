#include "stream/archive.h"

#include "stream/late.h"

#define ZIPS "zip files (.npz)"
#define TARS "tar archives"

#ifdef AS_LATE_archive

#include <archive.h>
#include <archive_entry.h>
#include <pthread.h>
#include <stdlib.h>

static struct {
	struct archive *(*read_new)(void);
	int (*read_zip)(struct archive *);
	int (*read_tar)(struct archive *);
	int (*read_open)(struct archive *, int, size_t);
	int (*read_header)(struct archive *, struct archive_entry **);
	la_ssize_t (*read_data)(struct archive *, void *, size_t);
	la_int64_t (*taken)(struct archive *, int);
	struct archive *(*write_new)(void);
	int (*write_zip)(struct archive *);
	int (*write_store)(struct archive *);
	int (*write_last)(struct archive *, int);
	int (*write_open)(struct archive *, FILE *);
	int (*write_header)(struct archive *, struct archive_entry *);
	la_ssize_t (*write_data)(struct archive *, const void *, size_t);
	int (*write_close)(struct archive *);
	int (*free)(struct archive *);
	const char *(*why)(struct archive *);
	struct archive_entry *(*entry_new)(void);
	void (*entry_free)(struct archive_entry *);
	const char *(*name)(struct archive_entry *);
	const char *(*name_utf8)(struct archive_entry *);
	int (*sized)(struct archive_entry *);
	la_int64_t (*size)(struct archive_entry *);
	__LA_MODE_T (*type)(struct archive_entry *);
	const char *(*link)(struct archive_entry *);
	int (*holes)(struct archive_entry *);
	void (*set_name)(struct archive_entry *, const char *);
	void (*set_size)(struct archive_entry *, la_int64_t);
	void (*set_type)(struct archive_entry *, unsigned);
	void (*set_mode)(struct archive_entry *, __LA_MODE_T);
} la;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct as_error failure;

static void load(void)
{
	const struct as_late late[] = {
		AS_LATE(la.read_new, archive_read_new), AS_LATE(la.read_zip, archive_read_support_format_zip),
		AS_LATE(la.read_tar, archive_read_support_format_tar), AS_LATE(la.taken, archive_filter_bytes),
		AS_LATE(la.read_open, archive_read_open_fd), AS_LATE(la.read_header, archive_read_next_header),
		AS_LATE(la.read_data, archive_read_data), AS_LATE(la.write_new, archive_write_new),
		AS_LATE(la.write_zip, archive_write_set_format_zip), AS_LATE(la.write_store, archive_write_zip_set_compression_store),
		AS_LATE(la.write_last, archive_write_set_bytes_in_last_block), AS_LATE(la.write_open, archive_write_open_FILE),
		AS_LATE(la.write_header, archive_write_header), AS_LATE(la.write_data, archive_write_data),
		AS_LATE(la.write_close, archive_write_close), AS_LATE(la.free, archive_free), AS_LATE(la.why, archive_error_string),
		AS_LATE(la.entry_new, archive_entry_new), AS_LATE(la.entry_free, archive_entry_free),
		AS_LATE(la.name, archive_entry_pathname), AS_LATE(la.name_utf8, archive_entry_pathname_utf8),
		AS_LATE(la.sized, archive_entry_size_is_set), AS_LATE(la.size, archive_entry_size),
		AS_LATE(la.type, archive_entry_filetype), AS_LATE(la.link, archive_entry_hardlink),
		AS_LATE(la.holes, archive_entry_sparse_count),
		AS_LATE(la.set_name, archive_entry_set_pathname), AS_LATE(la.set_size, archive_entry_set_size),
		AS_LATE(la.set_type, archive_entry_set_filetype), AS_LATE(la.set_mode, archive_entry_set_perm),
	};
	failure.code = as_late_load(AS_LATE_STRING(AS_LATE_archive), late, sizeof late / sizeof *late, &failure);
}

struct as_archive {
	struct archive *a;
};

static int because(struct as_archive *z, int code, struct as_error *err)
{
	const char *why = la.why(z->a);
	return as_fail(err, code, "%s", why ? why : "libarchive does not say why");
}

static int begin(struct as_archive **out, struct archive *(*make)(void), struct as_error *err)
{
	struct as_archive *z = calloc(1, sizeof *z);
	if (!z || !(z->a = make())) {
		free(z);
		return as_fail(err, AS_EMEM, "memory: no room for an archive");
	}
	*out = z;
	return 0;
}

static int loaded(const char *what, struct as_error *err)
{
	pthread_once(&once, load);
	return failure.code ? as_fail(err, failure.code, "%s need libarchive: install the package libarchive-dev (%.150s)", what,
				      failure.text) : 0;
}

static int open_as(struct as_archive **out, int fd, int (*const *format)(struct archive *), size_t block, const char *what,
		   struct as_error *err)
{
	int rc = loaded(what, err);
	if (!rc)
		rc = begin(out, la.read_new, err);
	if (rc)
		return rc;
	if ((*format)((*out)->a) != ARCHIVE_OK || la.read_open((*out)->a, fd, block) != ARCHIVE_OK) {
		rc = because(*out, AS_EDATA, err);
		as_archive_close(*out);
		*out = NULL;
	}
	return rc;
}

int as_archive_open(struct as_archive **out, int fd, struct as_error *err)
{
	return open_as(out, fd, &la.read_zip, 1 << 16, ZIPS, err);
}

/* Small blocks, since most of a member is skipped. */
int as_archive_open_tar(struct as_archive **out, int fd, struct as_error *err)
{
	return open_as(out, fd, &la.read_tar, 1 << 13, TARS, err);
}

static int next(struct as_archive *z, struct archive_entry **e, const char **name, struct as_error *err)
{
	int rc = la.read_header(z->a, e);
	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return because(z, AS_EDATA, err);
	*name = la.name(*e); /* NULL: not of the locale's characters */
	if (!*name && !(*name = la.name_utf8(*e)))
		*name = "?";
	return 1;
}

int as_archive_next(struct as_archive *z, const char **name, uint64_t *bytes, struct as_error *err)
{
	struct archive_entry *e;
	int rc = next(z, &e, name, err);
	if (rc > 0)
		*bytes = la.sized(e) && la.size(e) >= 0 ? (uint64_t)la.size(e) : UINT64_MAX;
	return rc;
}

static enum as_member_kind kind_of(struct archive_entry *e)
{
	if (la.link(e) || la.type(e) == AE_IFLNK)
		return AS_MEMBER_LINK;
	if (la.type(e) == AE_IFDIR)
		return AS_MEMBER_FOLDER;
	if (la.type(e) != AE_IFREG)
		return AS_MEMBER_OTHER;
	return la.holes(e) ? AS_MEMBER_SPARSE : AS_MEMBER_FILE;
}

int as_archive_member(struct as_archive *z, struct as_archive_member *m, struct as_error *err)
{
	struct archive_entry *e;
	int rc = next(z, &e, &m->name, err);
	la_int64_t at = rc < 0 ? 0 : la.taken(z->a, 0), size = rc > 0 && la.sized(e) ? la.size(e) : 0;
	if (rc >= 0 && (at < 0 || size < 0))
		return as_fail(err, AS_EDATA, "a member of a size below 0");
	m->at = (uint64_t)at;
	if (rc > 0) {
		m->bytes = (uint64_t)size;
		m->kind = kind_of(e);
	}
	return rc;
}

int as_archive_read(struct as_archive *z, void *to, size_t n, size_t *got, struct as_error *err)
{
	la_ssize_t k = la.read_data(z->a, to, n);
	if (k < 0)
		return because(z, AS_EDATA, err);
	*got = (size_t)k;
	return 0;
}

int as_archive_create(struct as_archive **out, FILE *f, struct as_error *err)
{
	int rc = loaded(ZIPS, err);
	if (!rc)
		rc = begin(out, la.write_new, err);
	if (rc)
		return rc;
	struct archive *a = (*out)->a;
	if (la.write_zip(a) != ARCHIVE_OK || la.write_store(a) != ARCHIVE_OK || la.write_last(a, 1) != ARCHIVE_OK ||
	    la.write_open(a, f) != ARCHIVE_OK) {
		rc = because(*out, AS_EIO, err);
		as_archive_close(*out);
		*out = NULL;
	}
	return rc;
}

int as_archive_add(struct as_archive *z, const char *name, uint64_t bytes, struct as_error *err)
{
	struct archive_entry *e = la.entry_new();
	if (!e)
		return as_fail(err, AS_EMEM, "memory: no room for a name in an archive");
	la.set_name(e, name);
	la.set_size(e, (la_int64_t)bytes);
	la.set_type(e, AE_IFREG);
	la.set_mode(e, 0644);
	int rc = la.write_header(z->a, e);
	la.entry_free(e);
	return rc == ARCHIVE_OK ? 0 : because(z, AS_EIO, err);
}

int as_archive_write(struct as_archive *z, const void *at, size_t n, struct as_error *err)
{
	return la.write_data(z->a, at, n) == (la_ssize_t)n ? 0 : because(z, AS_EIO, err);
}

int as_archive_finish(struct as_archive *z, struct as_error *err)
{
	return la.write_close(z->a) == ARCHIVE_OK ? 0 : because(z, AS_EIO, err);
}

void as_archive_close(struct as_archive *z)
{
	if (!z)
		return;
	la.free(z->a);
	free(z);
}

#else

static int none(const char *what, struct as_error *err)
{
	return as_fail(err, AS_EIO, "for %s augself must be built with libarchive: install the package "
		       "libarchive-dev and run make again", what);
}

int as_archive_open(struct as_archive **out, int fd, struct as_error *err)
{
	(void)out, (void)fd;
	return none(ZIPS, err);
}

int as_archive_open_tar(struct as_archive **out, int fd, struct as_error *err)
{
	(void)out, (void)fd;
	return none(TARS, err);
}

int as_archive_member(struct as_archive *z, struct as_archive_member *m, struct as_error *err)
{
	(void)z, (void)m;
	return none(TARS, err);
}

int as_archive_next(struct as_archive *z, const char **name, uint64_t *bytes, struct as_error *err)
{
	(void)z, (void)name, (void)bytes;
	return none(ZIPS, err);
}

int as_archive_read(struct as_archive *z, void *to, size_t n, size_t *got, struct as_error *err)
{
	(void)z, (void)to, (void)n, (void)got;
	return none(ZIPS, err);
}

int as_archive_create(struct as_archive **out, FILE *f, struct as_error *err)
{
	(void)out, (void)f;
	return none(ZIPS, err);
}

int as_archive_add(struct as_archive *z, const char *name, uint64_t bytes, struct as_error *err)
{
	(void)z, (void)name, (void)bytes;
	return none(ZIPS, err);
}

int as_archive_write(struct as_archive *z, const void *at, size_t n, struct as_error *err)
{
	(void)z, (void)at, (void)n;
	return none(ZIPS, err);
}

int as_archive_finish(struct as_archive *z, struct as_error *err)
{
	(void)z;
	return none(ZIPS, err);
}

void as_archive_close(struct as_archive *z)
{
	(void)z;
}

#endif
