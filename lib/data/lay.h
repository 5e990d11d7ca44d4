/* Private to lib/data: what the layouts of generated sets (replica.h) are written with. After a first failure all
 * functions do nothing, and as_replica_write reports it: a layout is written as if all went well. */
#ifndef AS_DATA_LAY_H
#define AS_DATA_LAY_H

#include "base/newfile.h"
#include "data/synth.h"
#include "data/replica.h"

AS_BEGIN

/* The part of the set that an image is in. */
enum as_part {
	AS_PART_TRAIN = 1,
	AS_PART_VAL = 2,
	AS_PART_TEST = 4,
	AS_PART_OTHER = 8, /* of `others`: in no list */
	AS_PART_TRAINVAL = AS_PART_TRAIN | AS_PART_VAL,
	AS_PART_LISTED = AS_PART_TRAINVAL | AS_PART_TEST
};

/* Files that are not what their names say; each layout has those of its set. */
enum as_odd {
	AS_ODD_GREY = 1,       /* one JPEG is grey */
	AS_ODD_GREY_MANY = 2,  /* every third */
	AS_ODD_PNG = 4,        /* one is a PNG */
	AS_ODD_RGBA = 8,       /* one is a PNG with transparency */
	AS_ODD_CMYK = 16       /* one JPEG is CMYK */
};

/* An image of the set. */
struct as_shot {
	int label, number; /* the class, and which of its images this is, from 1 */
	enum as_part part;
	enum as_odd odd;   /* 0: a JPEG in colour */
	int height, width, objects;
	struct as_synth object[2]; /* in fractions of the longer side */
	int object_label[2];
	const char *object_name[2]; /* what the files call it; NULL: as its class */
	struct as_synth_box box[2];
	uint64_t id;       /* of the drawing */
	char name[160];    /* as lists have it: as_lay_name */
	char path[200];    /* inside the set's folder: as_lay_image; in binary files its index */
};

struct as_class_name {
	char text[80];
};

struct as_lay {
	const struct as_replica *kind;
	struct as_replica_ask ask;    /* with the defaults put in */
	char root[3000];
	struct as_class_name *class_name; /* ask.classes names, then those of kind->others */
	struct as_shot *shot;        /* class by class; parts are mixed */
	int shots, room, others;
	uint8_t *canvas, *pixels;    /* of an image: square, cut */
	char made[3600];             /* the folder that was made last */
	struct as_newfile facts;
	struct as_error *err;
	int failed;
};

/* The first failure counts. */
void as_lay_fail(struct as_lay *, int code);
/* Numbers in 0..n-1 for this layout, always the same: as_rng_at of `what`. */
struct as_rng as_lay_rng(const struct as_lay *, uint64_t what);

/* Adds an image; what it shows is drawn from its class. NULL: failed. The pointer is good until the next. */
struct as_shot *as_lay_add(struct as_lay *, int label, int number, enum as_part);
/* Mixes all images; sorts them by class, then by the bytes of their names. */
void as_lay_shuffle(struct as_lay *);
void as_lay_sort(struct as_lay *);
/* The next image of these parts from *at on, which moves behind it. NULL: no more. */
struct as_shot *as_lay_next(struct as_lay *, int *at, unsigned parts);

void as_lay_name(struct as_lay *, struct as_shot *, const char *fmt, ...) AS_PRINTF(3, 4);
/* Writes the image's file, at this path inside the folder. */
void as_lay_image(struct as_lay *, struct as_shot *, const char *fmt, ...) AS_PRINTF(3, 4);
/* The image |u1 (height,width,3), until the next is drawn. NULL: failed. */
const uint8_t *as_lay_pixels(struct as_lay *, const struct as_shot *);

/* Makes the set's folder. */
void as_lay_root(struct as_lay *);
/* Opens a new file at this path inside the folder, making folders; writes to it; closes it. */
void as_lay_open(struct as_lay *, struct as_newfile *, const char *fmt, ...) AS_PRINTF(3, 4);
void as_lay_put(struct as_newfile *, const char *fmt, ...) AS_PRINTF(2, 3);
void as_lay_bytes(struct as_newfile *, const void *bytes, size_t count);
void as_lay_close(struct as_lay *, struct as_newfile *);

/* Writes the file that was built (synth_mat.h), and frees it. */
struct as_mat;
void as_lay_mat(struct as_lay *, const char *path, struct as_mat *);

/* How lines of a list end. */
enum as_line_end { AS_END_LINE, AS_END_CRLF, AS_END_OPEN /* the last line has no newline */ };
/* Writes a list of the images of these parts: before, its name, after. */
void as_lay_list(struct as_lay *, const char *path, unsigned parts, const char *before, const char *after,
		 enum as_line_end);
/* Writes class names, a line each. */
void as_lay_classes(struct as_lay *, const char *path);

/* A line of the table of facts; lines for all images of these parts. */
void as_lay_fact(struct as_lay *, const char *split, const char *name, int label, const char *class_name,
		 const struct as_shot *boxes);
void as_lay_facts(struct as_lay *, const char *split, unsigned parts);

AS_END
#endif
