/* Files of a generated set, and their folders. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "data/lay.h"

void as_lay_fail(struct as_lay *lay, int code)
{
	lay->failed = lay->failed ? lay->failed : code;
}

/* Makes the folders that the path leads through. */
static void make_folders(struct as_lay *lay, char *path)
{
	char *last = strrchr(path, '/');
	if (!last || last - path >= (int)sizeof lay->made)
		return;
	if (!strncmp(lay->made, path, (size_t)(last - path)) && !lay->made[last - path])
		return;
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = 0;
		if (mkdir(path, 0777) && errno != EEXIST)
			as_lay_fail(lay, as_fail_errno(lay->err, "%s", path));
		if (at == last)
			memcpy(lay->made, path, (size_t)(last - path) + 1);
		*at = '/';
		if (lay->failed)
			return;
	}
}

void as_lay_root(struct as_lay *lay)
{
	char path[sizeof lay->root + 2];
	snprintf(path, sizeof path, "%s/", lay->root);
	make_folders(lay, path);
}

void as_lay_open(struct as_lay *lay, struct as_newfile *file, const char *fmt, ...)
{
	char path[4096];
	va_list args;
	*file = (struct as_newfile){0};
	if (lay->failed)
		return;
	int n = snprintf(path, sizeof path, "%s/", lay->root);
	va_start(args, fmt);
	n += vsnprintf(path + n, sizeof path - (size_t)n, fmt, args);
	va_end(args);
	if (n >= (int)sizeof path) {
		as_lay_fail(lay, as_fail(lay->err, AS_EARG, "%.200s...: too long a path", path));
		return;
	}
	make_folders(lay, path);
	if (!lay->failed)
		as_lay_fail(lay, as_newfile_open(file, path, lay->err));
}

void as_lay_put(struct as_newfile *file, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	if (file->f)
		vfprintf(file->f, fmt, args); /* as_newfile_commit checks for errors */
	va_end(args);
}

void as_lay_bytes(struct as_newfile *file, const void *bytes, size_t count)
{
	if (file->f)
		fwrite(bytes, 1, count, file->f);
}

void as_lay_close(struct as_lay *lay, struct as_newfile *file)
{
	if (file->f && !lay->failed)
		as_lay_fail(lay, as_newfile_commit(file, lay->err));
	as_newfile_abandon(file);
}
