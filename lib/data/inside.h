/* Private to lib/data: what the readers share. */
#ifndef AS_DATA_INSIDE_H
#define AS_DATA_INSIDE_H

#include "data/dataset.h"
#include "stream/say.h"

AS_BEGIN

enum { AS_MAX_PATH = 4096, AS_MAX_LEFT = 24, AS_MAX_LISTS = 8 };

/* ---- loading in two steps, so that memory can be checked between them: items.c ---- */

/* Step 1: facts about image i, its bytes and its header. */
AS_NODISCARD int as_items_fetch(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
/* The most bytes that step 2 will need, with the file. */
size_t as_item_peak(const struct as_item *);
/* Step 2: decodes the image unless it stays compressed; item->room bytes are held afterwards. */
AS_NODISCARD int as_items_unpack(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
/* Frees the bytes and keeps the rest. */
void as_item_drop(struct as_item *);

/* ---- image files: paths.c ---- */

/* The names lie in a few large blocks, so that a million of them cost little memory. */
struct as_path {
	const char *name; /* starts from the root */
	int32_t label;
	uint32_t list : 3; /* which of the lists names it */
	uint32_t line : 29; /* line of this list; 0: no list */
};

struct as_block;
struct as_catalog;

/* Initialise with zeros. */
struct as_paths {
	const char *root; /* put before all names: "" or a folder with a final '/'; lies in a block */
	const char *list[AS_MAX_LISTS]; /* the list files, for messages */
	int lists;        /* how many; the last one names the paths that are being added */
	bool bare;        /* an image's name is its file name without folders */
	struct as_path *path;
	int64_t count, room;
	struct as_block *block;
	struct as_catalog *catalog; /* the index that folders are looked up in, or NULL; not owned */
};

/* Sets the root to a folder; AS_EMEM also if the paths are NULL. */
AS_NODISCARD int as_paths_root(struct as_paths *, const char *folder, struct as_error *);
/* Copies the text; the copy lives as long as the paths. NULL: no memory. */
const char *as_paths_keep(struct as_paths *, const char *text, size_t length);
/* Makes this list the one that names the paths which are added from now on; at most AS_MAX_LISTS. */
AS_NODISCARD int as_paths_from(struct as_paths *, const char *list, struct as_error *);
AS_NODISCARD int as_paths_add(struct as_paths *, const char *name, int32_t label, uint32_t line, struct as_error *);
/* Sorts the paths from..count-1 by the bytes of their names. */
void as_paths_sort(struct as_paths *, int64_t from);
void as_paths_clear(struct as_paths *);
/* Counts the paths whose id occurs before, and gives the first of them; *first is NULL if there is none. */
AS_NODISCARD int as_paths_repeats(const struct as_paths *, int64_t *count, const struct as_path **first,
				  struct as_error *);

/* The functions of a dataset whose self is a struct as_paths. */
int as_paths_tell(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
int as_paths_load(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
void as_paths_blame(const struct as_items *, int64_t i, struct as_error *);
void as_paths_close(struct as_items *);
#define AS_PATHS_READER .tell = as_paths_tell, .load = as_paths_load, .blame = as_paths_blame, .close = as_paths_close

/* ---- what lies in folders: scan.c, left.c ---- */

/* What is left out of a folder, counted by kind. Initialise with zeros. */
struct as_left {
	const char *root; /* the folder that names start from, for the command that converts all of it; not owned */
	int kinds;
	struct as_left_kind {
		const char *what, *remedy; /* static texts; remedy: the command that helps, or NULL */
		int64_t count;
		char *first;
	} kind[AS_MAX_LEFT];
};
AS_NODISCARD int as_left_add(struct as_left *, const char *what, const char *remedy, const char *name,
			     struct as_error *);
/* Adds a note for each kind, sorted by name. */
AS_NODISCARD int as_left_say(struct as_left *, struct as_names *notes, struct as_error *);
void as_left_clear(struct as_left *);

/* Where to put the entries of folders. Names start from the root and come in no order. Hidden entries are
 * skipped. */
struct as_scan {
	struct as_paths *folders, *images; /* folders may be NULL */
	bool documents;                    /* files that are not images are expected there and not counted */
	struct as_left left;               /* the caller clears it */
	struct as_catalog *catalog;        /* the index that folders are looked up in, or NULL; not owned */
	int depth; /* used by as_scan_below */
};
/* Whether a file of this name counts as an image without being opened. */
bool as_scan_named(const char *name);
/* Reads the folder root/inside. */
AS_NODISCARD int as_scan_folder(struct as_scan *, const char *root, const char *inside, int32_t label, struct as_error *);
/* Finds the images in it and in all folders below. */
AS_NODISCARD int as_scan_below(struct as_scan *, const char *root, const char *inside, int32_t label, struct as_error *);

AS_END
#endif
