/* Private to lib/stream: packs a struct into the bytes of one map, by a field table. Large payloads are not
 * copied: a packed map is a series of pieces, some of which belong to the caller. */
#ifndef AS_STREAM_PACK_H
#define AS_STREAM_PACK_H

#include "stream/schema.h"
#include "stream/stream.h"

AS_BEGIN

/* A borrowed payload, which stands before byte `before` of our own bytes. */
struct as_piece {
	size_t before;
	const void *at;
	size_t bytes;
};

enum { AS_MAX_PIECES = 16 }; /* an image, or views of AS_MAX_ROLES roles with their parameters */

/* One packed map. Initialise with zeros; may be used again. */
struct as_packed {
	char *own;
	size_t bytes, cap;
	struct as_piece piece[AS_MAX_PIECES];
	int pieces;
	bool full; /* memory ran out */
};

void as_packed_clear(struct as_packed *);
/* The bytes of the map: our own and all pieces. */
uint64_t as_packed_bytes(const struct as_packed *);

AS_NODISCARD int as_pack_header(struct as_packed *, const struct as_header *, struct as_error *);
/* Checks the record (as_record_check) and packs it; its payloads are borrowed until the next call. */
AS_NODISCARD int as_pack_record(struct as_packed *, const struct as_schema *, const struct as_role_list *,
				const struct as_record *, struct as_error *);
/* Packs a trailer. Its last AS_HASH_BYTES are seal->hash, which the writer replaces when everything before
 * is hashed. */
AS_NODISCARD int as_pack_trailer(struct as_packed *, const struct as_seal *, struct as_error *);

AS_END
#endif
