/* Files that appear whole or not at all: written beside their place under
 * another name, synced, then renamed. A link is followed; a device or a pipe is
 * written into, and a folder is refused. */
#ifndef AS_BASE_FILE_H
#define AS_BASE_FILE_H

#include <stdio.h>

#include "base/error.h"

AS_BEGIN

struct as_newfile {
	FILE *f; /* write here */
	char *path, *temp; /* no temp: PATH itself is written */
};

/* Starts PATH's successor in the same folder. */
AS_NODISCARD int as_newfile_open(struct as_newfile *, const char *path, struct as_error *);
/* Flushes, syncs, renames. On failure the old file stands and the new one is gone. */
AS_NODISCARD int as_newfile_commit(struct as_newfile *, struct as_error *);
/* Gives up: PATH is as it was. Harmless after a commit and on a zeroed struct. */
void as_newfile_abandon(struct as_newfile *);

/* A whole file into memory, at most `limit` bytes; *bytes is the caller's to free
 * and ends with a 0 that *count leaves out. AS_ENONE: there is no such file. */
AS_NODISCARD int as_file_read(const char *path, size_t limit, char **bytes, size_t *count, struct as_error *);

AS_END
#endif
