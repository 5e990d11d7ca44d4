/* Files that appear whole or not at all: written as PATH.part beside their place, synced, then
 * renamed. The name is fixed and its file locked: what a killed writer left is found again and
 * replaced, and of two writers at a time the second is told. Links are followed, also to what is
 * not there yet; a device or a pipe is written into; folders, sockets and disks are refused. */
#ifndef AS_BASE_NEWFILE_H
#define AS_BASE_NEWFILE_H

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

/* That a file is one process's for a while, written or not: an empty PATH.lock beside it. A
 * process that dies without a word holds nothing any more, and the next one takes its lock file. */
struct as_hold {
	int fd;
	char *lock;
};

/* AS_EIO, saying whose it is, when PATH is held by another process. Where the file system knows
 * no locks, nobody is told anything. */
AS_NODISCARD int as_hold_take(struct as_hold *, const char *path, struct as_error *);
void as_hold_drop(struct as_hold *);

AS_END
#endif
