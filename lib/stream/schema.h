/* Private to lib/stream: a field table for each kind of stream, which says which fields of struct as_record
 * it has. Packing, unpacking, limits and rec-view use the tables; schemas/ describes them for people. */
#ifndef AS_STREAM_SCHEMA_H
#define AS_STREAM_SCHEMA_H

#include "stream/record.h"

AS_BEGIN

enum as_type { AS_T_U64, AS_T_I64, AS_T_F64, AS_T_TEXT, AS_T_TENSOR, AS_T_IMAGE, AS_T_STRING, AS_T_NAMES, AS_T_SHARD,
	       AS_T_ROLES };

/* Flags of a field. AS_REQUIRED: it must be there (for a role, if the stream has the role). AS_FROM_1: a
 * whole number begins at 1, and 0 means absent; otherwise it begins at 0, and -1 means absent. Further
 * bits: the role of a tensor, its dimensions and allowed dtypes; the most texts in a list. */
enum { AS_REQUIRED = 1, AS_FROM_1 = 2, AS_ROLE_SHIFT = 2, AS_DIMS_SHIFT = 4, AS_DTYPES_SHIFT = 8, AS_COUNT_SHIFT = 16 };
#define AS_OF_ROLE(k) ((unsigned)(k) << AS_ROLE_SHIFT)
#define AS_DIMS(n) ((unsigned)(n) << AS_DIMS_SHIFT)
#define AS_DTYPE(d) (1u << (AS_DTYPES_SHIFT + (d)))
#define AS_COUNT(n) ((unsigned)(n) << AS_COUNT_SHIFT)

/* One field: its key, its type, its place in the struct, its limit (whole numbers: the value; other
 * numbers: none, they must be finite; texts: characters; tensors and images: bytes of data), and flags. */
struct as_field {
	const char *key;
	enum as_type type;
	size_t at;
	uint64_t max;
	unsigned flags;
};

/* The size of the hash at the end of a stream. */
enum { AS_HASH_BYTES = 8 };

struct as_schema {
	const char *kind;
	uint64_t max_bytes; /* of one record, by its length prefix */
	const struct as_field *field;
	int fields;
};

/* The table of the kind image, sample, view, feature or score; NULL for any other. */
const struct as_schema *as_schema_find(const char *kind);
/* The table of kind i; NULL after the last. */
const struct as_schema *as_schema_at(int i);
/* The table of the header's own fields. */
extern const struct as_schema as_header_schema;

/* Whether a field, at `at` in a struct, must be written: a value that a reader assumes anyway is left out. */
bool as_field_says(const struct as_field *, const void *at);

/* The role of a tensor field; 0 for other fields. */
static inline int as_field_role(const struct as_field *f)
{
	return (int)(f->flags >> AS_ROLE_SHIFT & (AS_MAX_ROLES - 1));
}
/* Whether every record of a stream with these roles must have the field. */
static inline bool as_field_needed(const struct as_field *f, const struct as_role_list *roles)
{
	return f->flags & AS_REQUIRED && as_field_role(f) < (roles->n ? roles->n : 1);
}

/* Checks a record against the kind's table, for a stream with these roles: required fields, limits, and
 * dimensions that fit each other and the roles. AS_EDATA with the field's key. */
AS_NODISCARD int as_record_check(const struct as_schema *, const struct as_role_list *, const struct as_record *,
				 struct as_error *);
/* Checks a header's list of roles: different names, counts and sizes of at least 1. AS_EDATA. */
AS_NODISCARD int as_role_list_check(const struct as_role_list *, struct as_error *);

AS_END
#endif
