#define _XOPEN_SOURCE 700 /* realpath */

#include "base/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is there and no file, as /dev/stdout and pipes, is written into: a rename would put a
 * file in its place. */
static int write_into(struct as_newfile *n, struct as_error *err)
{
	free(n->temp);
	n->temp = NULL;
	n->f = fopen(n->path, "wb");
	if (n->f)
		return 0;
	int rc = as_fail_errno(err, "%s", n->path);
	as_newfile_abandon(n);
	return rc;
}

int as_newfile_open(struct as_newfile *n, const char *path, struct as_error *err)
{
	struct stat st;
	bool there = !stat(path, &st);
	if (there && S_ISDIR(st.st_mode)) {
		*n = (struct as_newfile){0};
		return as_fail(err, AS_EIO, "%s: is a directory", path);
	}
	char *real = there ? realpath(path, NULL) : NULL; /* a link stays one */
	if (real && S_ISREG(st.st_mode))
		path = real;
	size_t length = strlen(path) + 8;
	*n = (struct as_newfile){.path = malloc(length), .temp = malloc(length)};
	if (!n->path || !n->temp) {
		as_newfile_abandon(n);
		free(real);
		return as_fail(err, AS_EMEM, "no memory for the name of a file");
	}
	snprintf(n->path, length, "%s", path);
	snprintf(n->temp, length, "%s.XXXXXX", path);
	free(real);
	if (there && !S_ISREG(st.st_mode))
		return write_into(n, err);
	int fd = mkstemp(n->temp);
	mode_t mask = umask(0); /* mkstemp makes 0600; a result is as readable as any file */
	umask(mask);
	if (fd >= 0 && !fchmod(fd, 0666 & ~mask) && (n->f = fdopen(fd, "wb")))
		return 0;
	int rc = as_fail_errno(err, "%s", n->path);
	if (fd >= 0) {
		close(fd);
		unlink(n->temp);
	}
	as_newfile_abandon(n);
	return rc;
}

int as_newfile_commit(struct as_newfile *n, struct as_error *err)
{
	int bad = ferror(n->f) | fflush(n->f);
	bad = bad || (n->temp && fsync(fileno(n->f)));
	int rc = bad ? as_fail_errno(err, "%s", n->path) : 0;
	if (fclose(n->f) && !rc)
		rc = as_fail_errno(err, "%s", n->path);
	n->f = NULL;
	if (!rc && n->temp && rename(n->temp, n->path))
		rc = as_fail_errno(err, "%s", n->path);
	if (rc && n->temp)
		unlink(n->temp);
	as_newfile_abandon(n);
	return rc;
}

void as_newfile_abandon(struct as_newfile *n)
{
	if (n->f) {
		fclose(n->f);
		if (n->temp)
			unlink(n->temp);
	}
	free(n->path);
	free(n->temp);
	*n = (struct as_newfile){0};
}

int as_file_read(const char *path, size_t limit, char **bytes, size_t *count, struct as_error *err)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	char *buf = NULL;
	int rc = 0;
	if (!f && errno == ENOENT)
		rc = as_fail(err, AS_ENONE, "%s: %s", path, strerror(ENOENT));
	else if (!f || fstat(fileno(f), &st))
		rc = as_fail_errno(err, "%s", path);
	else if (S_ISDIR(st.st_mode))
		rc = as_fail(err, AS_EIO, "%s: is a directory", path);
	else if ((uint64_t)st.st_size > limit)
		rc = as_fail(err, AS_EMEM, "%s: %lld bytes, above the limit of %zu", path, (long long)st.st_size, limit);
	if (rc)
		goto out;
	/* Pipes and /dev/stdin have no size: read what comes, up to the limit. */
	size_t room = S_ISREG(st.st_mode) ? (size_t)st.st_size : limit, got = 0;
	if (!S_ISREG(st.st_mode) && room > (1u << 20))
		room = 1u << 20;
	for (;;) {
		char *more = realloc(buf, room + 2);
		if (!more) {
			rc = as_fail(err, AS_EMEM, "%s: no memory for %zu bytes", path, room);
			goto out;
		}
		buf = more;
		got += fread(buf + got, 1, room + 1 - got, f);
		if (got <= room)
			break;
		if (room >= limit) {
			rc = as_fail(err, AS_EMEM, "%s: more than the limit of %zu bytes", path, limit);
			goto out;
		}
		room = room > limit / 2 ? limit : 2 * room + 1;
	}
	if (ferror(f)) {
		rc = as_fail_errno(err, "%s", path);
		goto out;
	}
	buf[got] = 0;
	*bytes = buf;
	*count = got;
	buf = NULL;
out:
	free(buf);
	if (f)
		fclose(f);
	return rc;
}
