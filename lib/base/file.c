#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what a path leads to ---- */

static unsigned kind_of(mode_t mode)
{
	return S_ISREG(mode) ? AS_PATH_FILE : S_ISFIFO(mode) ? AS_PATH_PIPE : S_ISCHR(mode) ? AS_PATH_DEVICE : 0;
}

static int check_kind(const char *path, mode_t mode, unsigned kinds, struct as_error *err)
{
	if (kind_of(mode) & kinds)
		return 0;
	const char *is = S_ISDIR(mode) ? "a folder" : S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" :
			 S_ISBLK(mode) ? "a disk" : "a device";
	return as_fail(err, AS_EIO, "%s: is %s, %s", path, is,
		       kinds == AS_PATH_FILE ? "not a file" : "neither a file nor a pipe");
}

int as_path_ask(const char *path, unsigned kinds, struct as_error *err)
{
	struct stat st;
	if (stat(path, &st))
		return errno == ENOENT ? 0 : as_fail_errno(err, "%s", path);
	int rc = check_kind(path, st.st_mode, kinds, err);
	return rc ? rc : 1;
}

/* Asks before opening, because opening may wait (a pipe) or move something (a tape); and asks again
 * afterwards, because the path may have changed in between. */
int as_path_open(const char *path, unsigned kinds, struct as_error *err)
{
	struct stat st;
	int rc = as_path_ask(path, kinds, err);
	if (rc <= 0)
		return rc ? rc : as_fail(err, AS_ENONE, "%s: %s", path, strerror(ENOENT));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (kinds & AS_PATH_PIPE ? 0 : O_NONBLOCK));
	if (fd < 0 || fstat(fd, &st))
		rc = as_fail_errno(err, "%s", path);
	else
		rc = check_kind(path, st.st_mode, kinds, err);
	if (!rc)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* ---- where a path leads ---- */

/* Replaces the path of a link by the link's text. A relative text starts from the folder of the link. */
static char *instead(char *link, const char *text)
{
	const char *slash = strrchr(link, '/');
	int folder = slash && *text != '/' ? (int)(slash - link) + 1 : 0;
	size_t room = (size_t)folder + strlen(text) + 1;
	char *path = malloc(room);
	if (path)
		snprintf(path, room, "%.*s%s", folder, link, text);
	free(link);
	return path;
}

char *as_path_follow(const char *path)
{
	enum { LINKS = 40 };
	char text[4096], *at = strdup(path);
	for (int i = 0; at && i < LINKS; i++) {
		ssize_t n = readlink(at, text, sizeof text - 1);
		if (n < 0)
			return at;
		text[n] = 0;
		at = instead(at, text);
	}
	if (at)
		errno = ELOOP;
	free(at);
	return NULL;
}

/* The folder of a file that does not exist yet, in *st; returns the file's name in that folder. */
static const char *folder_of(char *path, struct stat *st)
{
	char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	if (slash == path) /* in / itself */
		return stat("/", st) ? NULL : name;
	if (slash)
		*slash = 0;
	return stat(slash ? path : ".", st) ? NULL : name;
}

bool as_path_same(const char *a, const char *b)
{
	struct stat x, y;
	bool there = !stat(a, &x);
	if (there != !stat(b, &y))
		return false;
	if (there)
		return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
	char *one = as_path_follow(a), *other = as_path_follow(b);
	const char *p = one ? folder_of(one, &x) : NULL, *q = other ? folder_of(other, &y) : NULL;
	bool same = p && q && !strcmp(p, q) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
	free(one);
	free(other);
	return same;
}

/* ---- reading ---- */

int as_file_open(struct as_file *f, const char *path, unsigned kinds, struct as_error *err)
{
	struct stat st;
	*f = (struct as_file){.fd = as_path_open(path, kinds, err), .size = UINT64_MAX};
	if (f->fd < 0)
		return f->fd;
	if (!fstat(f->fd, &st) && S_ISREG(st.st_mode))
		f->size = (uint64_t)st.st_size;
	return 0;
}

/* Makes room for more bytes, at most `count` and a 0: as many as the file has, or for a pipe twice what has
 * come. So a large claim alone takes no memory. */
static int make_room(struct as_file *f, size_t count, struct as_error *err)
{
	size_t guess = f->size < SIZE_MAX / 2 && f->size > f->count ? (size_t)f->size + 1 : 2 * f->count + 65536;
	size_t room = count < guess ? count : guess;
	if (f->count < f->room)
		return 0;
	char *bytes = realloc(f->bytes, room + 1);
	if (!bytes)
		return as_fail(err, AS_EMEM, "no memory for %zu bytes", room);
	f->bytes = bytes;
	f->room = room;
	return 0;
}

int as_file_fill(struct as_file *f, size_t count, struct as_error *err)
{
	ssize_t got = 1;
	while (f->count < count && got) {
		int rc = make_room(f, count, err);
		if (rc)
			return rc;
		size_t want = (f->room < count ? f->room : count) - f->count;
		got = read(f->fd, f->bytes + f->count, want);
		if (got < 0 && errno != EINTR)
			return as_fail_errno(err, "read");
		f->count += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

void as_file_close(struct as_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->bytes);
	*f = (struct as_file){.fd = -1};
}

/* Reads to the end, or to one byte beyond the limit. */
static int fill_all(struct as_file *f, bool text, size_t limit, struct as_error *err)
{
	enum { LOOK = 1 << 20 };
	int rc = make_room(f, 1, err); /* an empty file needs room for its 0 as well */
	if (f->size != UINT64_MAX && f->size > limit)
		return as_fail(err, AS_EMEM, "%llu bytes, above the limit of %zu", (unsigned long long)f->size, limit);
	for (size_t was = 0, next = 0; !rc && f->count == next && next <= limit; was = f->count) {
		next = text && next + LOOK <= limit ? next + LOOK : limit + 1;
		rc = as_file_fill(f, next, err);
		const char *zero = text && !rc ? memchr(f->bytes + was, 0, f->count - was) : NULL;
		if (zero)
			rc = as_fail(err, AS_EDATA, "is not a text file: byte %zu is a zero", (size_t)(zero - f->bytes) + 1);
	}
	return !rc && f->count > limit ? as_fail(err, AS_EMEM, "more than the limit of %zu bytes", limit) : rc;
}

static int read_all(const char *path, unsigned kinds, bool text, size_t limit, char **bytes, size_t *count,
		    struct as_error *err)
{
	struct as_file f;
	int rc = as_file_open(&f, path, kinds, err);
	if (rc)
		return rc;
	rc = fill_all(&f, text, limit, err);
	if (!rc) {
		f.bytes[f.count] = 0;
		*bytes = f.bytes;
		*count = f.count;
		f.bytes = NULL;
	}
	as_file_close(&f);
	return rc ? as_fail_within(err, "%s", path) : 0;
}

int as_file_read(const char *path, unsigned kinds, size_t limit, char **bytes, size_t *count, struct as_error *err)
{
	return read_all(path, kinds, false, limit, bytes, count, err);
}

int as_text_read(const char *path, unsigned kinds, size_t limit, char **text, struct as_error *err)
{
	size_t count;
	return read_all(path, kinds, true, limit, text, &count, err);
}
