#include "stream/locate.h"

#include "stream/unpack.h"

int as_record_read(const struct as_header *h, const char *at, size_t bytes, struct as_record *rec,
		   int (*extra)(void *ctx, const struct as_extra *, struct as_error *), void *ctx, struct as_error *err)
{
	const struct as_schema *schema = as_schema_find(h->kind);
	struct as_unpacker u = {0};
	enum as_frame what;
	msgpack_object map;
	int rc = as_unpack_scan(&u, at, bytes, &what, &map, err);
	if (!rc && what != AS_FRAME_RECORD)
		rc = as_fail(err, AS_EDATA, "no record, but the stream's header or trailer");
	if (!rc)
		rc = as_unpack_record(&u, schema, &h->roles, at, bytes, &map, rec, err);
	if (!rc && extra && rec->extra.pairs)
		rc = extra(ctx, &rec->extra, err);
	rec->extra = (struct as_extra){0};
	as_unpacker_clear(&u);
	return rc;
}
