/* Public since 0.2. The contents of streams. One C struct serves for every record; each kind of stream uses
 * some of its fields, as schemas/ says. */
#ifndef AS_STREAM_RECORD_H
#define AS_STREAM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

enum { AS_MAX_DIMS = 4, AS_MAX_CHAIN = 256 };
/* The most roles of an image's views, and the size of a role's name with its final 0. */
enum { AS_MAX_ROLES = 4, AS_ROLE_NAME = 24 };
/* The highest seq, and the most records in an epoch: sums with them fit into 64 bits. */
#define AS_MAX_SEQ ((uint64_t)INT64_MAX)
/* The most bytes of a record's image: 192 MiB, 8192 x 8192 pixels. */
enum { AS_MAX_IMAGE = 192 << 20 };

enum as_dtype { AS_U1, AS_F4, AS_I4, AS_I8, AS_F8 }; /* "|u1" "<f4" "<i4" "<i8" "<f8" */

/* A tensor as it is in a stream, row-major, little-endian. `data` is borrowed and may be unaligned: copy
 * it, never cast it. ndim 0 and data NULL: there is no tensor. */
struct as_tensor {
	enum as_dtype dtype;
	int ndim;
	int64_t shape[AS_MAX_DIMS];
	const void *data;
};

/* Borrowed bytes of a text, without a final 0. */
struct as_text {
	const char *at;
	size_t length;
};

/* A string as a text, borrowed; NULL gives the empty text. */
struct as_text as_text_of(const char *string);

/* An image: pixels |u1 (H,W,3), or a compressed JPEG with its height and width as displayed (after the EXIF
 * turn, if `turn` says that there is one). */
struct as_image {
	struct as_tensor pixels; /* data is NULL if jpeg is set */
	struct as_text jpeg;     /* at is NULL if pixels are set */
	int64_t height, width;   /* as displayed */
	int64_t turn;            /* EXIF orientation to apply after decoding, 1 (none) to 8 */
};

/* Keys that a reader does not know, as packed bytes: filters copy them. */
struct as_extra {
	const char *at;
	size_t bytes;
	int pairs;
};

/* One figure that a probe measured, and everything that identifies it (eval/score.h). Unknown numbers are
 * NAN, unknown texts empty. */
struct as_score {
	struct as_text metric;  /* "top1" */
	double value;
	double interval;        /* half width at 95 % */
	int64_t n, classes;     /* what was scored: rows or episodes; the classes among them, 0 if there are none */
	struct as_text label;   /* the key of the records that was predicted */
	struct as_text probe;   /* the probe: "linear" */
	struct as_text setting; /* its setting: "w=0.01" */
	double chance;          /* the value that guessing gives */
	struct as_text unit;    /* unit of value, interval and chance: "%" */
	struct as_text model;   /* from the chain of what was scored: the program and model that made the features, */
	struct as_text data;    /* and the images; */
	struct as_text learnt;  /* and the data that were learnt from */
};

/* A record's data for the V views of one role (aug/roles.h): each tensor has one row for each view. */
struct as_role {
	struct as_tensor param; /* <f4 (V,P): the drawn parameters; the role's policy names the columns */
	struct as_tensor omega; /* <f4 (V,W): the same, scaled for heads and networks */
	struct as_tensor views; /* |u1 or <f4 (V,S,S,3): pixels */
};

/* One record of any kind. What its texts and tensors point to is borrowed; kinds leave out what they do not name. */
struct as_record {
	uint64_t seq;            /* counts records over all epochs, 0 to AS_MAX_SEQ */
	uint64_t id;             /* of the image: hash of its name, or its index in a binary set */
	uint64_t epoch;          /* from 0 */
	int64_t label;           /* class, or -1 */
	struct as_text name;     /* path inside the dataset, or empty */
	struct as_image image;   /* kinds image, sample */
	int64_t height, width;   /* kind view, and feature of views: size of the source, to which crop boxes refer */
	/* kind sample: param and omega; view: all three; feature of views: param and omega of the role that
	 * was used, as role[0] */
	struct as_role role[AS_MAX_ROLES];
	struct as_tensor feature;/* kind feature: <f4 (V,D) */
	struct as_score score;   /* kind score */
	struct as_extra extra;
};

/* A list of texts stored one after the other, each ended by a 0. */
struct as_names {
	char *at;
	size_t bytes, room;
	int64_t count;
	size_t *from; /* the beginning of each text */
};

/* A part of every epoch, whose records are dealt to `count` shards in turn, `block` at a time: shard `index`,
 * from 1 to count, has the places p with p / block % count = index - 1. count 0 or 1 is the whole. block 0 is
 * 1, but says that nobody asked for blocks: with a block, count blocks in turn are a batch of a training. */
struct as_shard {
	uint64_t index, count, block;
};

/* The roles of a stream's views, for programs that do not read its policy. n 0: one role, described by the
 * policy. */
struct as_role_list {
	int n;
	/* one role */
	struct as_role_line {
		char name[AS_ROLE_NAME];
		int64_t count, size; /* number of views of each image; their side in pixels */
	} at[AS_MAX_ROLES];
};

/* Whether two lists have the same names, counts and sizes in the same order. */
bool as_role_list_same(const struct as_role_list *, const struct as_role_list *);

/* What a reader needs to know first. Strings and lists belong to the header; as_header_clear frees them. */
struct as_header {
	char kind[16];
	uint64_t records;        /* in an epoch, of all shards together; 0: not known, or endless */
	uint64_t epochs;         /* 0: endless */
	struct as_shard shard;   /* the part of each epoch that this stream has */
	struct as_names classes;
	char *policy;            /* text of the policy (aug/roles.h), or NULL */
	struct as_role_list roles;
	struct as_names chain;   /* one line for each program: "img-read 0.1 cifar10 --split train" */
	struct as_extra extra;   /* unknown keys; owned */
};

/* A copy that is independent of `from`; the caller clears it. AS_EMEM. */
AS_NODISCARD int as_header_copy(struct as_header *to, const struct as_header *from, struct as_error *);
void as_header_clear(struct as_header *);
/* The records of one epoch in this stream, which may be a shard; 0: none, not known, or endless. */
uint64_t as_header_per_epoch(const struct as_header *);
/* The same for all its epochs; 0 also if that exceeds 64 bits. */
uint64_t as_header_total(const struct as_header *);
/* The same for what comes before the place `seq`, for a resumed run; 0 if records are not known. */
uint64_t as_header_before(const struct as_header *, uint64_t seq);

/* How many of the first n records of an epoch a shard has; how many places of an epoch come before its first. */
uint64_t as_shard_of(struct as_shard, uint64_t n);
uint64_t as_shard_first(struct as_shard);

/* as_names_add adds a string to a list; as_names_put adds a text without a 0 at its end. AS_EMEM. */
AS_NODISCARD int as_names_add(struct as_names *, const char *text, struct as_error *);
AS_NODISCARD int as_names_put(struct as_names *, struct as_text, struct as_error *);
/* The i-th text; NULL after the end. */
const char *as_names_at(const struct as_names *, int64_t i);
void as_names_clear(struct as_names *);

size_t as_dtype_size(enum as_dtype); /* bytes of an element */
const char *as_dtype_name(enum as_dtype); /* in NumPy's notation; static */
int64_t as_tensor_count(const struct as_tensor *); /* number of elements; 0 if there is no tensor */
/* Converts the elements from..from+n-1 of any dtype to floats; |u1 stays 0..255. */
void as_tensor_floats(const struct as_tensor *, int64_t from, int64_t n, float *out);

/* A whole number among the record's unknown keys, such as "colour" from img-synth. 1: found, 0: no such
 * key, AS_EDATA: it is not a whole number. */
AS_NODISCARD int as_extra_int(const struct as_extra *, const char *key, int64_t *out, struct as_error *);
/* The names of the keys that are whole numbers, "shape, colour", for a message. */
void as_extra_names(const struct as_extra *, char *list, size_t room);

AS_END
#endif
