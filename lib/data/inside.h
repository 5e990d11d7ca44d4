/* Private to lib/data: what readers share. */
#ifndef AS_DATA_INSIDE_H
#define AS_DATA_INSIDE_H

#include "data/dataset.h"

AS_BEGIN

enum { AS_MAX_PATH = 4096, AS_MAX_LEFT = 24 };

/* ---- texts as long as they are: say.c ---- */

/* A text as printf would make it, the caller's to free; NULL: AS_EMEM in *err. */
char *as_format(struct as_error *err, const char *fmt, ...) AS_PRINTF(2, 3);
/* Adds one to a list: AS_EMEM. */
AS_NODISCARD int as_say(struct as_names *, struct as_error *err, const char *fmt, ...) AS_PRINTF(3, 4);
/* "a, b, c", the caller's to free; NULL: AS_EMEM. */
char *as_join(const struct as_names *, struct as_error *);

/* ---- loading in two steps, for memory to be asked for between them: items.c ---- */

/* All that is known of image i and its bytes. */
AS_NODISCARD int as_items_fetch(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
/* The most bytes that the second step takes, those of the file included. */
size_t as_item_peak(const struct as_item *);
/* Decodes what is not to travel as it is; item->room bytes are held then. */
AS_NODISCARD int as_items_unpack(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
/* Frees the bytes, and keeps the rest. */
void as_item_drop(struct as_item *);

/* ---- image files: paths.c ---- */

/* Names lie in a few large blocks, so that a million of them cost little. */
struct as_path {
	const char *name; /* relative to the root */
	int32_t label;
	uint32_t line; /* of the list file, 0: there is none */
};

struct as_block;

/* Zeroed is empty. */
struct as_paths {
	const char *root; /* in front of the names: "" or with a final '/'; kept in a block */
	const char *list; /* the list file, for messages; NULL: none */
	bool bare;        /* images are called by their names without folders */
	struct as_path *path;
	int64_t count, room;
	struct as_block *block;
};

/* Sets the root to a folder; AS_EMEM also where there are no paths to set it in. */
AS_NODISCARD int as_paths_root(struct as_paths *, const char *folder, struct as_error *);
/* A copy of the text that lives as long as the paths; NULL without memory. */
const char *as_paths_keep(struct as_paths *, const char *text, size_t length);
AS_NODISCARD int as_paths_add(struct as_paths *, const char *name, int32_t label, uint32_t line, struct as_error *);
/* Sorts from..count-1 by the names' bytes. */
void as_paths_sort(struct as_paths *, int64_t from);
void as_paths_clear(struct as_paths *);
/* How many have the id of one before them, and one of these; *first is NULL when none has. */
AS_NODISCARD int as_paths_repeats(const struct as_paths *, int64_t *count, const struct as_path **first,
				  struct as_error *);

/* The functions of a dataset whose self is a struct as_paths. */
int as_paths_tell(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
int as_paths_load(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
void as_paths_blame(const struct as_items *, int64_t i, struct as_error *);
void as_paths_close(struct as_items *);
#define AS_PATHS_READER .tell = as_paths_tell, .load = as_paths_load, .blame = as_paths_blame, .close = as_paths_close

/* ---- what lies in folders: scan.c, left.c ---- */

/* What is left out of a folder, counted by kind. Zeroed is nothing. */
struct as_left {
	int kinds;
	struct as_left_kind {
		const char *what, *remedy; /* static; the command that helps, or NULL */
		int64_t count;
		char *first;
	} kind[AS_MAX_LEFT];
};
AS_NODISCARD int as_left_add(struct as_left *, const char *what, const char *remedy, const char *name,
			     struct as_error *);
/* A line for each kind, in the order of their names. */
AS_NODISCARD int as_left_say(struct as_left *, struct as_names *notes, struct as_error *);
void as_left_clear(struct as_left *);

/* Where the entries of folders go; names from the root on, in no order. Hidden ones are passed over. */
struct as_scan {
	struct as_paths *folders, *images; /* folders may be NULL */
	bool documents;                    /* files that are no images belong there, and are not counted */
	struct as_left left;               /* to be cleared */
	int depth; /* of as_scan_below */
};
/* What lies in the folder root/inside. */
AS_NODISCARD int as_scan_folder(struct as_scan *, const char *root, const char *inside, int32_t label, struct as_error *);
/* The images in it and in all folders below. */
AS_NODISCARD int as_scan_below(struct as_scan *, const char *root, const char *inside, int32_t label, struct as_error *);

AS_END
#endif
