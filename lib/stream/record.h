/* Public since 0.2. What travels: one C struct for every record, of whose fields each kind of stream
 * has some; schemas/ says which. */
#ifndef AS_STREAM_RECORD_H
#define AS_STREAM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

enum { AS_MAX_DIMS = 4, AS_MAX_CHAIN = 256 };
/* The most roles that the views of an image have, and the room for a role's name with its final 0. */
enum { AS_MAX_ROLES = 4, AS_ROLE_NAME = 24 };
/* The highest seq, and the most records of an epoch: whatever is added to one stays within 64 bits. */
#define AS_MAX_SEQ ((uint64_t)INT64_MAX)
/* The most bytes of a record's image: 192 MiB, 8192 x 8192 pixels. */
enum { AS_MAX_IMAGE = 192 << 20 };

enum as_dtype { AS_U1, AS_F4, AS_I4, AS_I8, AS_F8 }; /* "|u1" "<f4" "<i4" "<i8" "<f8" */

/* A tensor as it lies in a stream, row-major, little-endian. `data` is borrowed
 * and may be unaligned: copy, never cast. ndim 0 with data NULL: absent. */
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

/* The text of a string, borrowed; of NULL the empty one. */
struct as_text as_text_of(const char *string);

/* An image: pixels |u1 (H,W,3), or a JPEG still compressed with its height and
 * width as displayed (after the EXIF turn, when `turn` says that one applies). */
struct as_image {
	struct as_tensor pixels; /* data NULL when jpeg is set */
	struct as_text jpeg;     /* at NULL when pixels are set */
	int64_t height, width;   /* as displayed */
	int64_t turn;            /* EXIF orientation to apply on decoding, 1 (none) to 8 */
};

/* Keys that a reader does not know, as packed bytes: filters copy them onward. */
struct as_extra {
	const char *at;
	size_t bytes;
	int pairs;
};

/* One figure that a probe has found, and all that says what it is (eval/score.h). A number that is
 * not known is NAN, a text empty. */
struct as_score {
	struct as_text metric;  /* "top1" */
	double value;
	double interval;        /* half width at 95 % */
	int64_t n, classes;     /* what was scored: rows, or episodes; the classes among them, 0 where there are none */
	struct as_text label;   /* the key of the records that was asked for */
	struct as_text probe;   /* what asked: "linear" */
	struct as_text setting; /* how: "w=0.01" */
	double chance;          /* the value that guessing gives */
	struct as_text unit;    /* of value, interval and chance: "%" */
	struct as_text model;   /* the chain of what was scored: what made features, */
	struct as_text data;    /* what of; */
	struct as_text learnt;  /* and the data that was learnt from */
};

/* What a record has of the views of one role (aug/roles.h), V of them: one row of each tensor is one view's. */
struct as_role {
	struct as_tensor param; /* <f4 (V,P): what was drawn; the role's policy names the columns */
	struct as_tensor omega; /* <f4 (V,W): the same as heads and networks are told it, normalised */
	struct as_tensor views; /* |u1 or <f4 (V,S,S,3): pixels */
};

struct as_record {
	uint64_t seq;            /* place in the source's endless order, 0 to AS_MAX_SEQ */
	uint64_t id;             /* of the image: hash of its name, or its index in a binary set */
	uint64_t epoch;          /* from 0 */
	int64_t label;           /* class, or -1 */
	struct as_text name;     /* path inside the dataset, or empty */
	struct as_image image;   /* kinds image, sample */
	int64_t height, width;   /* kind view, and feature of views: of the source the crop boxes refer to */
	struct as_role role[AS_MAX_ROLES]; /* kind sample: param and omega; view: all three; feature of views: param and
	                                    * omega of the one role that was looked at, which is role[0] there */
	struct as_tensor feature;/* kind feature: <f4 (V,D) */
	struct as_score score;   /* kind score */
	struct as_extra extra;
};

/* A list of texts packed one after the other, each ended by a 0. */
struct as_names {
	char *at;
	size_t bytes, room;
	int64_t count;
	size_t *from; /* where each text begins */
};

/* A part of every epoch: the records at places index - 1, index - 1 + count, ... of it, index
 * from 1 to count. count 0 is the whole, as 1 is. */
struct as_shard {
	uint64_t index, count;
};

/* The roles of a stream's views, for those who do not read its policy. n 0: one role, of which the policy
 * says all. */
struct as_role_list {
	int n;
	struct as_role_line {
		char name[AS_ROLE_NAME];
		int64_t count, size; /* views of each image; their side in pixels */
	} at[AS_MAX_ROLES];
};

bool as_role_list_same(const struct as_role_list *, const struct as_role_list *);

/* What a reader must know beforehand. The strings and lists belong to whoever
 * owns the header; as_header_clear frees them. */
struct as_header {
	char kind[16];
	uint64_t records;        /* per epoch, of all shards together; 0: not known, or endless */
	uint64_t epochs;         /* 0: endless */
	struct as_shard shard;   /* which part of each epoch this stream has */
	struct as_names classes;
	char *policy;            /* text of the policy (aug/roles.h), or NULL */
	struct as_role_list roles;
	struct as_names chain;   /* one line per producer: "img-read 0.1 cifar10 --split train" */
	struct as_extra extra;   /* keys not known here; owned */
};

AS_NODISCARD int as_header_copy(struct as_header *to, const struct as_header *from, struct as_error *);
void as_header_clear(struct as_header *);
/* Records of one epoch that are in this very stream, a shard's own; 0: none, not known, or endless. */
uint64_t as_header_per_epoch(const struct as_header *);
/* And of all its epochs; 0 also where that is beyond 64 bits. */
uint64_t as_header_total(const struct as_header *);
/* And before a place of the source's order, as a resumed run's; 0 where records are not known. */
uint64_t as_header_before(const struct as_header *, uint64_t seq);

/* How many of the n records of an epoch a shard has. */
uint64_t as_shard_of(struct as_shard, uint64_t n);

/* Adds a text to a list; as_names_put one that has no 0 at its end. */
AS_NODISCARD int as_names_add(struct as_names *, const char *text, struct as_error *);
AS_NODISCARD int as_names_put(struct as_names *, struct as_text, struct as_error *);
/* The i-th text; NULL beyond the end. */
const char *as_names_at(const struct as_names *, int64_t i);
void as_names_clear(struct as_names *);

size_t as_dtype_size(enum as_dtype);
const char *as_dtype_name(enum as_dtype); /* NumPy's notation */
int64_t as_tensor_count(const struct as_tensor *); /* elements; 0 when absent */
/* Elements from..from+n-1 as floats, whatever the dtype; |u1 as they are, 0..255. */
void as_tensor_floats(const struct as_tensor *, int64_t from, int64_t n, float *out);

/* A whole-number value among the record's unknown keys, e.g. "colour" from
 * img-synth: 1 found, 0 not there, <0 there but no whole number. */
AS_NODISCARD int as_extra_int(const struct as_extra *, const char *key, int64_t *out, struct as_error *);

AS_END
#endif
