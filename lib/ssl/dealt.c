#include "ssl/dealt.h"

typedef unsigned long long ull;

static int other_deal(const struct as_shard *s, const struct as_dealt *want, int ranks, struct as_error *err)
{
	return as_fail(err, AS_EDATA, "shard %llu/%llu in blocks of %llu, but rank %llu of %d needs the blocks that img-read --shard "
		       "%llu/%d --batch %llu deals", (ull)(s->count ? s->index : 1), (ull)(s->count ? s->count : 1),
		       (ull)(s->block ? s->block : 1), (ull)want->rank + 1, ranks, (ull)want->rank + 1, ranks, (ull)want->batch);
}

int as_dealt_make(struct as_dealt *d, const struct as_header *h, const struct as_world *w, int64_t block, struct as_error *err)
{
	const struct as_shard *s = &h->shard;
	int ranks = w ? w->size : 1;
	*d = (struct as_dealt){.records = h->records, .batch = (uint64_t)(block * ranks), .block = (uint64_t)block,
			       .rank = w ? (uint64_t)w->rank : 0};
	if (!s->block && !w)
		d->block = 0;
	else if (s->count != (uint64_t)ranks || s->index != d->rank + 1 || s->block != d->block)
		return other_deal(s, d, ranks, err);
	return 0;
}

int as_dealt_find(const struct as_dealt *d, uint64_t seq, struct as_seat *seat, struct as_error *err)
{
	uint64_t place = d->records ? seq % d->records : seq, at = place % d->batch;
	*seat = (struct as_seat){seq - at, (int64_t)(at - d->rank * d->block)};
	if (at / d->block != d->rank)
		return as_fail(err, AS_EDATA, "seq %llu belongs to rank %llu, this is %llu: the streams of two ranks were exchanged or "
			       "joined", (ull)seq, (ull)(at / d->block + 1), (ull)d->rank + 1);
	if (d->records && d->records - (place - at) < d->batch)
		seat->image = -1;
	return 0;
}
