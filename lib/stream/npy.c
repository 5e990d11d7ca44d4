#include "stream/npy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"

/* Magic, version, the length of the rest (2 bytes), then the rest: a dict in Python's notation, blanks, a line's end. */
enum { HEADER = 192, LEAD = 10 };

struct as_npy {
	struct as_newfile out;
	struct as_tensor first; /* dtype and shape of all; its data are not ours */
	int64_t count;
};

/* The header for what is there now. Before anything is, blanks hold its place. */
static int write_header(struct as_npy *n, struct as_error *err)
{
	char text[HEADER + 1], shape[AS_MAX_DIMS * 24] = "";
	size_t at = 0;
	for (int i = 0; i < n->first.ndim; i++)
		at += (size_t)snprintf(shape + at, sizeof shape - at, "%s%" PRId64, i ? ", " : "", n->first.shape[i]);
	memset(text, ' ', HEADER);
	memcpy(text, "\x93NUMPY\x01", 8); /* and the 0 of version 1.0 */
	text[8] = (char)(HEADER - LEAD);
	text[9] = 0;
	int used = snprintf(text + LEAD, HEADER - LEAD, "{'descr': '%s', 'fortran_order': False, 'shape': (%" PRId64 ", %s), }",
			    as_dtype_name(n->first.dtype), n->count, shape);
	text[LEAD + used] = ' ';
	text[HEADER - 1] = '\n';
	if (fseek(n->out.f, 0, SEEK_SET) || fwrite(text, 1, HEADER, n->out.f) != HEADER)
		return as_fail_errno(err, "write: %s", n->out.path);
	return 0;
}

int as_npy_open(struct as_npy **out, const char *path, struct as_error *err)
{
	struct as_npy *n = calloc(1, sizeof *n);
	if (!n)
		return as_fail(err, AS_EMEM, "memory: no room for a file of arrays");
	int rc = as_newfile_open(&n->out, path, err);
	if (!rc)
		rc = write_header(n, err);
	if (rc)
		as_npy_abandon(n);
	else
		*out = n;
	return rc;
}

int as_npy_add(struct as_npy *n, const struct as_tensor *t, struct as_error *err)
{
	if (!n->count)
		n->first = *t;
	if (t->ndim != n->first.ndim || t->dtype != n->first.dtype ||
	    memcmp(t->shape, n->first.shape, (size_t)t->ndim * sizeof *t->shape) != 0)
		return as_fail(err, AS_EDATA, "of another shape or dtype than those before, so they are no array together");
	size_t bytes = (size_t)as_tensor_count(t) * as_dtype_size(t->dtype);
	if (bytes && fwrite(t->data, 1, bytes, n->out.f) != bytes)
		return as_fail_errno(err, "write: %s", n->out.path);
	n->count++;
	return 0;
}

int as_npy_close(struct as_npy *n, struct as_error *err)
{
	int rc = n->count ? write_header(n, err) : as_fail(err, AS_EDATA, "no records, so no array");
	if (!rc)
		rc = as_newfile_commit(&n->out, err);
	as_npy_abandon(n);
	return rc;
}

void as_npy_abandon(struct as_npy *n)
{
	if (!n)
		return;
	as_newfile_abandon(&n->out);
	free(n);
}
