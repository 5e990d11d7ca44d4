/* Private to lib/stream: from a struct to the bytes of one map, by a field table. Large payloads are
 * not copied: a packed map is a run of pieces, some of them the caller's own. */
#ifndef AS_STREAM_PACK_H
#define AS_STREAM_PACK_H

#include "stream/schema.h"
#include "stream/stream.h"

AS_BEGIN

/* A borrowed payload that stands before byte `before` of our own bytes. */
struct as_piece {
	size_t before;
	const void *at;
	size_t bytes;
};

enum { AS_MAX_PIECES = 16 }; /* an image, or views of AS_MAX_ROLES roles with what was drawn for them */

/* One packed map. Zeroed is ready; used again for the next. */
struct as_packed {
	char *own;
	size_t bytes, cap;
	struct as_piece piece[AS_MAX_PIECES];
	int pieces;
	bool full; /* memory ran out */
};

void as_packed_clear(struct as_packed *);
/* Own bytes and pieces together. */
uint64_t as_packed_bytes(const struct as_packed *);

AS_NODISCARD int as_pack_header(struct as_packed *, const struct as_header *, struct as_error *);
/* Checks the record (as_record_check) and borrows its payloads until the next call. */
AS_NODISCARD int as_pack_record(struct as_packed *, const struct as_schema *, const struct as_role_list *,
				const struct as_record *, struct as_error *);
/* With seal->hash as its last AS_HASH_BYTES, for the writer to set when all before them are hashed. */
AS_NODISCARD int as_pack_trailer(struct as_packed *, const struct as_seal *, struct as_error *);

AS_END
#endif
