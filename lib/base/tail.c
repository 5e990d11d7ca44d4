#include "base/tail.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

void as_tail_init(struct as_tail *t, const char *path)
{
	t->path = path;
	t->fd = -1;
	t->pipe = t->ended = false;
	t->device = t->inode = t->at = 0;
	t->count = 0;
}

static bool is_standard(const struct as_tail *t)
{
	return !strcmp(t->path, "-");
}

void as_tail_close(struct as_tail *t)
{
	if (t->fd >= 0 && !is_standard(t))
		close(t->fd);
	t->fd = -1;
}

static int open_it(struct as_tail *t, struct as_error *err)
{
	struct stat s;
	int fd = is_standard(t) ? 0 : as_path_open(t->path, AS_PATH_FILE | AS_PATH_PIPE, err);
	if (fd < 0)
		return fd;
	t->fd = fd;
	t->at = 0;
	t->count = 0;
	if (fstat(fd, &s)) {
		as_tail_close(t);
		return as_fail_errno(err, "%s", t->path);
	}
	t->device = (uint64_t)s.st_dev;
	t->inode = (uint64_t)s.st_ino;
	t->pipe = !S_ISREG(s.st_mode);
	return 0;
}

/* Whether the name leads to another file now. One that was removed is read on. */
static bool is_replaced(const struct as_tail *t)
{
	struct stat s;
	return !is_standard(t) && !stat(t->path, &s) && ((uint64_t)s.st_dev != t->device || (uint64_t)s.st_ino != t->inode);
}

/* Whether the file has not any more what was read of it last. */
static bool is_rewritten(const struct as_tail *t)
{
	char now[AS_TAIL_SEEN];
	ssize_t n = pread(t->fd, now, t->count, (off_t)(t->at - t->count));
	return n >= 0 && ((size_t)n < t->count || memcmp(now, t->seen, t->count));
}

static void remember(struct as_tail *t, size_t n)
{
	if (n >= AS_TAIL_SEEN) {
		memcpy(t->seen, t->bytes + n - AS_TAIL_SEEN, AS_TAIL_SEEN);
		t->count = AS_TAIL_SEEN;
		return;
	}
	size_t keep = t->count + n > AS_TAIL_SEEN ? AS_TAIL_SEEN - n : t->count;
	memmove(t->seen, t->seen + t->count - keep, keep);
	memcpy(t->seen + keep, t->bytes, n);
	t->count = keep + n;
}

static int read_more(struct as_tail *t, const char **bytes, size_t *count, struct as_error *err)
{
	ssize_t n;
	do
		n = t->pipe ? read(t->fd, t->bytes, AS_TAIL_CHUNK) : pread(t->fd, t->bytes, AS_TAIL_CHUNK, (off_t)t->at);
	while (n < 0 && errno == EINTR && !t->pipe);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return AS_TAIL_NOTHING;
	if (n < 0)
		return as_fail_errno(err, "%s", t->path);
	t->ended = t->pipe && !n;
	if (!n)
		return AS_TAIL_NOTHING;
	t->at += (uint64_t)n;
	remember(t, (size_t)n);
	*bytes = t->bytes;
	*count = (size_t)n;
	return AS_TAIL_BYTES;
}

int as_tail_next(struct as_tail *t, const char **bytes, size_t *n, struct as_error *err)
{
	if (t->ended)
		return AS_TAIL_NOTHING;
	if (t->fd < 0) {
		int rc = open_it(t, err);
		if (rc)
			return rc;
	} else if (!t->pipe && is_replaced(t)) {
		as_tail_close(t);
		int rc = open_it(t, err);
		return rc == AS_ENONE ? AS_TAIL_NOTHING : rc ? rc : AS_TAIL_ANEW;
	} else if (!t->pipe && is_rewritten(t)) {
		t->at = 0;
		t->count = 0;
		return AS_TAIL_ANEW;
	}
	return read_more(t, bytes, n, err);
}
