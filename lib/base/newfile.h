/* Public since 0.2. Files that appear whole or not at all. They are written as PATH.part in the same
 * folder, synced to disk, then renamed. PATH.part is locked: a second writer at the same time gets an
 * error, and what a killed writer left is replaced. Links are followed, also to a file that does not exist
 * yet. A device or a pipe is written into directly. Folders, sockets and disks are refused. */
#ifndef AS_BASE_NEWFILE_H
#define AS_BASE_NEWFILE_H

#include <stdio.h>

#include "base/error.h"

AS_BEGIN

/* A file that is being written. Zeros: none. */
struct as_newfile {
	FILE *f; /* write here */
	char *path, *temp; /* temp is NULL when PATH itself is written */
};

/* Starts a new file that will replace PATH. AS_EIO, AS_EMEM. */
AS_NODISCARD int as_newfile_open(struct as_newfile *, const char *path, struct as_error *);
/* Flushes, syncs, renames. On failure, AS_EIO, the old file stays and the new one is removed. */
AS_NODISCARD int as_newfile_commit(struct as_newfile *, struct as_error *);
/* Gives up: PATH is unchanged. May be called after a commit and on a zeroed struct. */
void as_newfile_abandon(struct as_newfile *);

/* Claims a file for this process by an empty, locked PATH.lock beside it. When a process dies its claim
 * ends, and the next one takes over its lock file. */
struct as_hold {
	int fd;
	char *lock;
};

/* AS_EIO when another process holds PATH; the error names it. Where the file system has no locks, this
 * always succeeds. */
AS_NODISCARD int as_hold_take(struct as_hold *, const char *path, struct as_error *);
void as_hold_drop(struct as_hold *);

AS_END
#endif
