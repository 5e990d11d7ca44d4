/* Private to lib/stream: one field table per kind of stream that says which fields of
 * struct as_record are there. The tables drive packing, unpacking, limits and rec-view;
 * schemas/ describes them for people. */
#ifndef AS_STREAM_SCHEMA_H
#define AS_STREAM_SCHEMA_H

#include "stream/record.h"

AS_BEGIN

enum as_type { AS_T_U64, AS_T_I64, AS_T_F64, AS_T_TEXT, AS_T_TENSOR, AS_T_IMAGE, AS_T_STRING, AS_T_NAMES, AS_T_SHARD,
	       AS_T_ROLES };

/* Flags of a field: whether it must be there; whether a whole number begins at 1, and at 0 is
 * not there, or begins at 0, and at -1 is not there; the role that a tensor belongs to, its dimensions and the
 * dtypes it may have; the most texts of a list. What is required of a role must be there where the stream has it. */
enum { AS_REQUIRED = 1, AS_FROM_1 = 2, AS_ROLE_SHIFT = 2, AS_DIMS_SHIFT = 4, AS_DTYPES_SHIFT = 8, AS_COUNT_SHIFT = 16 };
#define AS_OF_ROLE(k) ((unsigned)(k) << AS_ROLE_SHIFT)
#define AS_DIMS(n) ((unsigned)(n) << AS_DIMS_SHIFT)
#define AS_DTYPE(d) (1u << (AS_DTYPES_SHIFT + (d)))
#define AS_COUNT(n) ((unsigned)(n) << AS_COUNT_SHIFT)

/* One field: its key, its type, where it lies in the struct, the most it may
 * hold (whole numbers: the value; other numbers: nothing, they are finite; texts: characters;
 * tensors and images: bytes of data), and flags. */
struct as_field {
	const char *key;
	enum as_type type;
	size_t at;
	uint64_t max;
	unsigned flags;
};

/* What a stream ends with: its hash. */
enum { AS_HASH_BYTES = 8 };

struct as_schema {
	const char *kind;
	uint64_t max_bytes; /* of one record, as its length prefix claims it */
	const struct as_field *field;
	int fields;
};

/* The kinds image, sample, view, feature, score; NULL for any other. */
const struct as_schema *as_schema_find(const char *kind);
/* The i-th kind's table, NULL beyond the last. */
const struct as_schema *as_schema_at(int i);
/* The table of the header's own fields. */
extern const struct as_schema as_header_schema;

/* Whether a field, `at` its place in a struct, says anything: what a reader would assume is left
 * out of a stream. */
bool as_field_says(const struct as_field *, const void *at);

/* The role of a tensor field; 0 for every other field. */
static inline int as_field_role(const struct as_field *f)
{
	return (int)(f->flags >> AS_ROLE_SHIFT & (AS_MAX_ROLES - 1));
}
/* Whether a stream with these roles needs the field in every record. */
static inline bool as_field_needed(const struct as_field *f, const struct as_role_list *roles)
{
	return f->flags & AS_REQUIRED && as_field_role(f) < (roles->n ? roles->n : 1);
}

/* Whether the record is what the kind's table says of a stream with these roles: required fields there, limits
 * kept, dimensions that agree with each other and with the roles. AS_EDATA with the field's key. */
AS_NODISCARD int as_record_check(const struct as_schema *, const struct as_role_list *, const struct as_record *,
				 struct as_error *);
/* Whether a header's list of roles can be one: names that differ, counts and sizes of 1 or more. AS_EDATA. */
AS_NODISCARD int as_role_list_check(const struct as_role_list *, struct as_error *);

AS_END
#endif
