/* Private to lib/data: images that lie one after the other in a few large files, as in tar archives and streams, and are read
 * from there in any order. A table has their places, a few bytes each, and is what --index keeps. */
#ifndef AS_DATA_MEMBERS_H
#define AS_DATA_MEMBERS_H

#include "data/catalog.h"

AS_BEGIN

/* One of the files. */
struct as_member_file {
	const char *path; /* not owned */
	int fd;           /* -1: opened for each image, as there are many files */
	struct as_stamp stamp;
};

/* The table: image i has bytes[i] bytes from offset[i] on. Its columns are those of the index, or else grow as the files are
 * read. Initialise with zeros. */
struct as_members {
	const char *form; /* of the index: "tar" or "stream" */
	struct as_member_file *file;
	int files;
	int64_t count, room;
	struct as_safetensors *kept; /* the index that has the columns; NULL: they are ours */
	int64_t *first;              /* files + 1: image i is in the file f with first[f] <= i < first[f+1] */
	int64_t *offset, *id, *name; /* id: hashes of names, if there are no others; name: where each begins in the text */
	int32_t *bytes, *label;
	char *text;                  /* names, each ended by a 0 */
	size_t text_count, text_room;
	int64_t said;                /* notes of this opening, which are not kept */
};

/* Opens all files and reads the index, if there is one and none of the files has changed since it was written, which a note
 * says. 1: all is known; 0: the files are to be read, one after the other. */
AS_NODISCARD int as_members_open(struct as_members *, const struct as_source *, struct as_items *, struct as_error *);
/* File i from its beginning: a descriptor, which as_members_leave takes back, or <0. */
AS_NODISCARD int as_members_enter(const struct as_members *, int i, struct as_error *);
void as_members_leave(const struct as_members *, int i, int fd);
/* Begins file i, whose images are added next. */
void as_members_begin(struct as_members *, int i);
/* Adds an image. id: NULL: the hash of its name. AS_EMEM. */
AS_NODISCARD int as_members_add(struct as_members *, uint64_t offset, uint64_t bytes, const uint64_t *id, struct as_text name,
				struct as_error *);
/* Ends the last file. */
void as_members_end(struct as_members *);
/* Whether labels come in their order, one class after the other. */
bool as_members_sorted(const struct as_members *);
/* Notes ids that occur twice: these images are augmented alike. */
AS_NODISCARD int as_members_repeats(const struct as_members *, struct as_names *notes, struct as_error *);
void as_members_clear(struct as_members *);

struct as_text as_members_name(const struct as_members *, int64_t i);
/* Sets what is known of image i without reading it: name, id, label. */
void as_members_tell(const struct as_members *, int64_t i, struct as_item *);
/* The file that has image i. */
int as_members_where(const struct as_members *, int64_t i);
/* Reads image i's bytes into item->bytes. AS_EDATA also if its file has changed since it was opened. */
AS_NODISCARD int as_members_load(const struct as_members *, int64_t i, struct as_item *, struct as_error *);

/* ---- the index: members_kept.c ---- */

/* Takes the columns of an index, and the set's classes and notes. 1: done; 0: there is none, or a file has changed since. */
AS_NODISCARD int as_members_take(struct as_members *, const char *file, struct as_items *, struct as_error *);
/* Writes the index that the source asks for, if it does; notes if it cannot be written. */
AS_NODISCARD int as_members_keep(struct as_members *, const struct as_source *, struct as_items *, struct as_error *);

AS_END
#endif
