/* A .npz is a zip file of .npy files. How long an array will be is known only at its end, and its header comes first: so
 * each grows in a file of its own and is copied. */
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "stream/archive.h"
#include "stream/npy_inside.h"

enum { ARRAYS = 64 };

struct as_npz {
	struct as_newfile out;
	struct as_archive *zip;
	int count;
	struct member {
		char name[48];
		struct as_npy *array;
	} at[ARRAYS];
};

int as_npz_open(struct as_npz **out, const char *path, struct as_error *err)
{
	struct as_npz *z = calloc(1, sizeof *z);
	if (!z)
		return as_fail(err, AS_EMEM, "memory: no room for a file of arrays");
	int rc = as_newfile_open(&z->out, path, err);
	if (!rc && !z->out.temp)
		rc = as_fail(err, AS_EIO, "%s: is no file; a .npz is one, with its parts beside it", path);
	if (!rc && (rc = as_archive_create(&z->zip, z->out.f, err)))
		as_fail_within(err, "%s", path);
	if (rc)
		as_npz_abandon(z);
	else
		*out = z;
	return rc;
}

int as_npz_array(struct as_npz *z, const char *name, struct as_npy **out, struct as_error *err)
{
	int i = 0;
	while (i < z->count && strcmp(z->at[i].name, name))
		i++;
	if (i == z->count) {
		struct member *m = &z->at[i];
		if (i == ARRAYS || strlen(name) >= sizeof m->name || strchr(name, '/'))
			return as_fail(err, AS_EARG, "%.80s: not a name of an array, or more than %d arrays", name, ARRAYS);
		size_t room = strlen(z->out.path) + sizeof m->name + 2;
		char *path = malloc(room);
		if (!path)
			return as_fail(err, AS_EMEM, "memory: no room for the name of an array");
		snprintf(path, room, "%s.%s", z->out.path, name);
		int rc = as_npy_open(&m->array, path, err);
		free(path);
		if (rc)
			return rc;
		snprintf(m->name, sizeof m->name, "%s", name);
		z->count++;
	}
	*out = z->at[i].array;
	return 0;
}

/* Copies the file through its own descriptor: opening it anew and closing that would end our lock on it. */
static int copy(struct as_archive *zip, int fd, uint64_t bytes, struct as_error *err)
{
	enum { CHUNK = 64 << 10 };
	char chunk[CHUNK];
	int rc = 0;
	for (uint64_t at = 0; at < bytes && !rc;) {
		ssize_t n = pread(fd, chunk, bytes - at < CHUNK ? (size_t)(bytes - at) : CHUNK, (off_t)at);
		rc = n > 0 ? as_archive_write(zip, chunk, (size_t)n, err) : as_fail_errno(err, "read: an array");
		at += n > 0 ? (uint64_t)n : 0;
	}
	return rc;
}

/* Puts a finished array into the archive. */
static int put_member(struct as_npz *z, const struct member *m, struct as_error *err)
{
	char name[sizeof m->name + 8];
	FILE *f = m->array->out.f;
	snprintf(name, sizeof name, "%s.npy", m->name);
	int rc = as_npy_finish(m->array, err);
	if (rc)
		return rc;
	off_t bytes = fflush(f) || fseeko(f, 0, SEEK_END) ? -1 : ftello(f);
	if (bytes < 0)
		return as_fail_errno(err, "write: %s", m->array->out.path);
	rc = as_archive_add(z->zip, name, (uint64_t)bytes, err);
	return rc ? rc : copy(z->zip, fileno(f), (uint64_t)bytes, err);
}

int as_npz_close(struct as_npz *z, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; i < z->count && !rc; i++)
		if (z->at[i].array->count)
			rc = put_member(z, &z->at[i], err);
	if (!rc)
		rc = as_archive_finish(z->zip, err);
	if (!rc)
		rc = as_newfile_commit(&z->out, err);
	as_npz_abandon(z);
	return rc;
}

void as_npz_abandon(struct as_npz *z)
{
	if (!z)
		return;
	for (int i = 0; i < z->count; i++)
		as_npy_abandon(z->at[i].array);
	as_archive_close(z->zip);
	as_newfile_abandon(&z->out);
	free(z);
}
