/* Public since 0.2. Generated datasets that lie on disk as published ones do: the same folders, lists, names and
 * oddities, with drawn images (synth.h) in place of photographs. Whoever reads the published set can be tried on
 * these. Each replica is a constant descriptor in a file of its own and a line in replica.c. */
#ifndef AS_DATA_REPLICA_H
#define AS_DATA_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

/* What to write. 0: the layout's default. */
struct as_replica_ask {
	uint64_t seed;
	int classes;     /* from 2 to the layout's `most` */
	int train, test; /* images of a class, 2 to 10000; validation lists have half of train */
	int side;        /* of images about which theirs vary, 16 to 512; ignored where the layout has a fixed one */
};

struct as_lay;

/* A layout: what it imitates, what may vary, and the function that writes it. */
struct as_replica {
	const char *name;   /* "cars-folders" */
	const char *set;    /* the dataset's name: "cars" */
	const char *folder; /* what the set's archive unpacks to; "" if that is several things */
	const char *doc;    /* what is there, for --list */

	/* For the writers (data/lay.h). */
	int classes, train, test; /* defaults; 0: 5, 12, 8 */
	int most;                 /* classes */
	int side;                 /* of all images; 0: they vary */
	bool sorted;              /* classes are in the order of their bytes, else as listed here */
	bool halves;              /* there is a list for validation: half of train */
	bool boxes;               /* the files say where the object is */
	int objects;              /* in an image, at most 2; 0: 1 */
	unsigned odd;             /* enum as_odd */
	const char *const *names; /* of the first classes, up to NULL; of further ones `more` and a number */
	const char *more;
	const char *const *others; /* folders or labels that are there and are no classes; NULL: none */
	void (*write)(struct as_lay *);
};

/* All layouts, in a fixed order; NULL marks the end. */
extern const struct as_replica *const as_replicas[];
/* The layout of this name. NULL: AS_EARG, and the error lists the names; err may be NULL. */
const struct as_replica *as_replica_find(const char *name, struct as_error *err);

/* Writes the set to `dir`/folder; folders are made, files that are there are replaced. Each file appears whole. The
 * same ask, the same bytes. `facts`, if it is not NULL, is written last: a table of what a right reader finds, with
 * a first line of names: split, name (the path inside the folder, or the index in a binary file), class (from 0),
 * class_name, then a column for each box, "left,top,width,height,object" in pixels from 0, with the object's
 * name. A split's lines are in the order of its list (mit67: of the sorted folders). AS_EARG, AS_EIO, AS_EMEM. */
AS_NODISCARD int as_replica_write(const struct as_replica *, const struct as_replica_ask *, const char *dir,
				 const char *facts, struct as_error *);

AS_END
#endif
