#include "base/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* ---- a name of our own beside a file ---- */

static char *beside(const char *path, const char *suffix, struct as_error *err)
{
	size_t length = strlen(path) + strlen(suffix) + 1;
	char *name = malloc(length);
	if (name)
		snprintf(name, length, "%s%s", path, suffix);
	else
		as_fail(err, AS_EMEM, "%s: no memory for its name", path);
	return name;
}

/* 0: locked. An error: another process holds the lock. Where the file system has no locks this returns 0,
 * since the lock only guards against a mistake that is rare. */
static int lock(int fd, const char *path, const char *name, struct as_error *err)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (!fcntl(fd, F_SETLK, &l) || (errno != EACCES && errno != EAGAIN))
		return 0;
	if (!fcntl(fd, F_GETLK, &l) && l.l_type != F_UNLCK && l.l_pid > 0)
		return as_fail(err, AS_EIO, "%s: in use by process %lld, which holds %s", path, (long long)l.l_pid, name);
	return as_fail(err, AS_EIO, "%s: in use by another process, which holds %s", path, name);
}

static bool still_named(int fd, const char *name)
{
	struct stat opened, named;
	return !fstat(fd, &opened) && !lstat(name, &named) && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

/* Removes the file `name` that a dead process left behind; fails if that process is alive. */
static int clear_away(const char *path, const char *name, struct as_error *err)
{
	struct stat st;
	if (!lstat(name, &st) && !S_ISREG(st.st_mode))
		return as_fail(err, AS_EIO, "%s: is in the way and not a file: remove it", name);
	int fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0 : as_fail_errno(err, "%s", name);
	int rc = lock(fd, path, name, err);
	if (!rc && still_named(fd, name) && unlink(name))
		rc = as_fail_errno(err, "%s", name);
	close(fd);
	return rc;
}

/* A file that cannot be made: if its folder is not there, that is said, and how to make it. */
static int not_made(const char *path, struct as_error *err)
{
	const char *slash = strrchr(path, '/');
	int number = errno, n = slash && slash > path ? (int)(slash - path) : 0;
	if (number == ENOENT && n)
		return as_fail(err, AS_EIO, "%s: there is no folder %.*s: mkdir -p %.*s", path, n, path, n, path);
	errno = number;
	return as_fail_errno(err, "%s", path);
}

/* Makes the empty file `name`, which belongs to PATH, and locks it. Returns its descriptor, or <0. Between
 * making and locking, another process may remove it as a dead one's: then it tries again. */
static int take(const char *path, const char *name, struct as_error *err)
{
	for (;;) {
		int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		int rc = fd >= 0 ? lock(fd, path, name, err) :
			 errno == EEXIST ? clear_away(path, name, err) : not_made(path, err);
		if (!rc && fd >= 0 && still_named(fd, name))
			return fd;
		if (fd >= 0)
			close(fd);
		if (rc)
			return rc;
	}
}

/* ---- files that appear whole ---- */

/* Opens for writing. /dev/stdout, pipes and the like are written into directly: a rename would replace them
 * by a file. */
static int open_stream(struct as_newfile *n, bool file, struct as_error *err)
{
	if (!file) {
		n->f = fopen(n->path, "wb");
		return n->f ? 0 : as_fail_errno(err, "%s", n->path);
	}
	if (!(n->temp = beside(n->path, ".part", err)))
		return AS_EMEM;
	int fd = take(n->path, n->temp, err);
	if (fd < 0)
		return fd;
	if ((n->f = fdopen(fd, "wb")))
		return 0;
	int rc = as_fail_errno(err, "%s", n->path);
	unlink(n->temp);
	close(fd);
	return rc;
}

int as_newfile_open(struct as_newfile *n, const char *path, struct as_error *err)
{
	*n = (struct as_newfile){0};
	int there = as_path_ask(path, AS_PATH_FILE | AS_PATH_PIPE | AS_PATH_DEVICE, err);
	if (there < 0)
		return there;
	bool file = !there || as_path_ask(path, AS_PATH_FILE, NULL) == 1;
	n->path = file ? as_path_follow(path) : strdup(path); /* a link stays a link */
	int rc = n->path ? open_stream(n, file, err) : as_fail_errno(err, "%s", path);
	if (rc)
		as_newfile_abandon(n);
	return rc;
}

int as_newfile_commit(struct as_newfile *n, struct as_error *err)
{
	int bad = ferror(n->f) | fflush(n->f);
	bad = bad || (n->temp && fsync(fileno(n->f)));
	int rc = bad ? as_fail_errno(err, "%s", n->path) : 0;
	/* Rename while the lock is held: otherwise another process could remove the file as a dead one's. */
	if (!rc && n->temp && rename(n->temp, n->path))
		rc = as_fail_errno(err, "%s", n->path);
	if (rc && n->temp)
		unlink(n->temp);
	bad = fclose(n->f) && !n->temp; /* after fsync a failing close loses nothing */
	n->f = NULL;
	if (bad && !rc)
		rc = as_fail_errno(err, "%s", n->path);
	as_newfile_abandon(n);
	return rc;
}

void as_newfile_abandon(struct as_newfile *n)
{
	if (n->f && n->temp)
		unlink(n->temp);
	if (n->f)
		fclose(n->f);
	free(n->path);
	free(n->temp);
	*n = (struct as_newfile){0};
}

/* ---- a file that one process holds ---- */

int as_hold_take(struct as_hold *h, const char *path, struct as_error *err)
{
	*h = (struct as_hold){.fd = -1};
	char *real = as_path_follow(path); /* two names of one file must use the same lock */
	if (!real)
		return as_fail_errno(err, "%s", path);
	h->lock = beside(real, ".lock", err);
	h->fd = h->lock ? take(real, h->lock, err) : AS_EMEM;
	free(real);
	if (h->fd >= 0)
		return 0;
	free(h->lock);
	h->lock = NULL;
	return h->fd;
}

void as_hold_drop(struct as_hold *h)
{
	if (!h->lock)
		return;
	unlink(h->lock);
	close(h->fd);
	free(h->lock);
	*h = (struct as_hold){.fd = -1};
}
