/* Private to lib/data: what the readers of published sets share. A reader begins (as_published_begin), reads its
 * lists (as_lines_read), adds their images (as_lines_put, or as_paths_add line by line), says whether all are
 * there (as_published_count), and divides them (as_published_divide, as_published_each). food101.c is a
 * complete example. */
#ifndef AS_DATA_PUBLISHED_H
#define AS_DATA_PUBLISHED_H

#include "data/inside.h"
#include "data/split.h"

AS_BEGIN

/* ---- where a set lies: published.c ---- */

struct as_home {
	const char *folders; /* that the archive unpacks to, the usual one first, separated by '|'; "": none */
	/* What lies in it, separated by '|': files, or with a final '/' folders. One of them is enough. */
	const char *marks;
	const char *fetch;   /* what to fetch, for the error: "food-101.tar.gz from https://..." */
};

/* The first of PATH/SET/FOLDER, PATH/SET, PATH/FOLDER and PATH that has a mark; the caller frees *folder. PATH
 * itself is the last, as it may hold other sets, and a mark such as train/ may be another's. *mark is the number of
 * the mark. AS_EIO or AS_EDATA: what was looked for, what is there, what to fetch. */
AS_NODISCARD int as_home_find(const struct as_home *, const char *set, const char *path, char **folder, int *mark,
			      struct as_error *);
/* Begins a reader: `size` bytes of self, zeroed; the split, which is `usual` unless one is asked for; and the set's
 * folder, for as_home_find's errors and with its mark. The caller frees *folder, also after an error. */
AS_NODISCARD int as_published_begin(struct as_items *, const struct as_source *, const struct as_home *, size_t size,
				    const char *usual, char **folder, int *mark, struct as_error *);
/* Sets the root to folder/inside. */
AS_NODISCARD int as_paths_root_in(struct as_paths *, const char *folder, const char *inside, struct as_error *);
/* Whether there is a file of this name in the folder, or, if it ends with '/', a folder. */
bool as_home_has(const char *folder, const char *name);

/* ---- lists: lines.c ---- */

struct as_lines {
	char *path; /* of the list, for messages */
	char *text;
	struct as_text_line {
		char *text;      /* without blanks at its ends */
		uint32_t number; /* from 1 */
	} *line;
	int64_t count;
};
/* Reads the lines of folder/name that are not empty. Copies from Windows, with a mark before UTF-8 and with
 * CR LF, are read as well. AS_ENONE: no such file. The caller clears them, also after an error. */
AS_NODISCARD int as_lines_read(struct as_lines *, const char *folder, const char *name, struct as_error *);
void as_lines_clear(struct as_lines *);
/* An error about line i: "list:number: text". */
int as_lines_fail(const struct as_lines *, int64_t i, struct as_error *, const char *fmt, ...) AS_PRINTF(4, 5);
/* Names the classes: one for each line. */
AS_NODISCARD int as_lines_classes(const struct as_lines *, struct as_names *classes, struct as_error *);
/* Names as classes the folders of lines FOLDER/FILE in n lists, sorted by bytes: each once. A '/' before a line
 * is skipped. AS_EDATA: a line without a folder. */
AS_NODISCARD int as_lines_folders(const struct as_lines *, int n, struct as_names *classes, struct as_error *);

/* Finds classes by name. */
struct as_index {
	struct as_indexed {
		const char *name;
		int32_t label;
	} *at; /* sorted by name; the names are those of the list that it was made of */
	int64_t count;
};
AS_NODISCARD int as_index_new(struct as_index *, const struct as_names *, struct as_error *);
/* The place of this name in the list; -1: it is not there. */
int32_t as_index_find(const struct as_index *, const char *name, size_t length);
void as_index_clear(struct as_index *);

/* Adds the images of lines CLASS/FILE: the class is the longest beginning, up to a '/', that is a class. A
 * '/' before the line is skipped; `ending` is put after it (".jpg" where lists leave it out, or ""). */
AS_NODISCARD int as_lines_put(const struct as_lines *, const struct as_index *, const char *ending, struct as_paths *,
			      struct as_error *);

/* ---- folders of classes: folders.c ---- */

/* Names as classes the folders in root/inside, sorted by bytes; `but`: one that is no class, or NULL. AS_EDATA:
 * there are none. */
AS_NODISCARD int as_folders_classes(const struct as_paths *, const char *inside, const char *but, struct as_names *classes,
				    struct as_error *);
/* Adds the images in root/inside/CLASS and below, class by class, sorted by name. Notes what is left out, and
 * classes that have no folder there. */
AS_NODISCARD int as_folders_put(struct as_paths *, const char *inside, struct as_items *, struct as_error *);

/* ---- what is found: published.c ---- */

/* Sorts the paths by class; those of a class by their names, or else they stay in their order. */
AS_NODISCARD int as_paths_group(struct as_paths *, bool by_name, struct as_error *);
/* Sets count and sorted of items whose self are paths; notes images that are listed twice. */
AS_NODISCARD int as_published_end(struct as_items *, struct as_error *);
/* Notes that there are more or fewer images than were published. */
AS_NODISCARD int as_published_count(struct as_items *, const char *what, int64_t published, struct as_error *);
/* The splits "train" and "val" of items that are all training images: the AugSelf authors' random_split by
 * torch with this seed; val are n val / of. Any other split stays as it is. */
AS_NODISCARD int as_published_divide(struct as_items *, uint32_t seed, int64_t val, int64_t of, struct as_error *);
/* The splits "train" and "val" of items that are all training images, or, where each->rest, also "trainval" and
 * "test" of items that are all images: so many of each class (as_items_pick_each). Any other split stays as it
 * is. */
AS_NODISCARD int as_published_each(struct as_items *, const struct as_each *, struct as_error *);

AS_END
#endif
