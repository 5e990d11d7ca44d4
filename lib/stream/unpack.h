/* Private to lib/stream: unpacks the bytes of one map into a struct, by a field table. */
#ifndef AS_STREAM_UNPACK_H
#define AS_STREAM_UNPACK_H

#include <msgpack.h>

#include "stream/schema.h"
#include "stream/stream.h"

AS_BEGIN

/* Memory that is used for record after record. Initialise with zeros. */
struct as_unpacker {
	msgpack_zone *zone;
	char *extra; /* the unknown keys, packed one after the other */
	size_t extra_cap;
};

void as_unpacker_clear(struct as_unpacker *);

/* The kind of a frame, by its first key. */
enum as_frame { AS_FRAME_HEADER, AS_FRAME_TRAILER, AS_FRAME_RECORD };

/* Scans the bytes - one map, nothing after it, no key twice - and says what kind of frame it is. */
AS_NODISCARD int as_unpack_scan(struct as_unpacker *, const char *at, size_t bytes, enum as_frame *, msgpack_object *map,
				struct as_error *);
AS_NODISCARD int as_unpack_header(struct as_unpacker *, const char *at, size_t bytes, const msgpack_object *map,
				  int *version, struct as_header *, struct as_error *);
/* The result borrows from `at` and from the unpacker until it is used again. */
AS_NODISCARD int as_unpack_record(struct as_unpacker *, const struct as_schema *, const struct as_role_list *, const char *at,
				  size_t bytes, const msgpack_object *map, struct as_record *, struct as_error *);
/* Unpacks the trailer of a stream of this version; from version 2 on its last AS_HASH_BYTES are the hash. */
AS_NODISCARD int as_unpack_trailer(const char *at, size_t bytes, const msgpack_object *map, int version,
				   struct as_seal *, struct as_error *);

AS_END
#endif
