/* The MATLAB files of a generated set. */
#include <stdlib.h>

#include "data/lay.h"
#include "data/synth_mat.h"

void as_lay_mat(struct as_lay *lay, const char *path, struct as_mat *m)
{
	struct as_newfile file;
	if (m->failed)
		as_lay_fail(lay, as_fail(lay->err, AS_EMEM, "memory: no room for %s", path));
	as_lay_open(lay, &file, "%s", path);
	as_lay_bytes(&file, m->bytes, m->count);
	as_lay_close(lay, &file);
	free(m->bytes);
	*m = (struct as_mat){0};
}
