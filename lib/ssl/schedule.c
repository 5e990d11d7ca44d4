#include "ssl/schedule.h"

typedef unsigned long long ull;

static uint64_t times(uint64_t a, uint64_t b)
{
	return b && a > UINT64_MAX / b ? 0 : a * b;
}

/* Checks what is known before any image is decoded. */
static int check(const struct as_schedule *s, uint64_t stream_epochs, uint64_t epochs, struct as_error *err)
{
	if (s->epoch == 1)
		return as_fail(err, AS_EDATA, "batch: %llu, but an epoch has one image: more images are needed", (ull)s->batch);
	if (s->epoch && s->epoch < s->batch)
		return as_fail(err, AS_EDATA, "batch: %llu, but an epoch has %llu images: not one step; --batch %llu or less",
			       (ull)s->batch, (ull)s->epoch, (ull)s->epoch);
	if (s->goal == UINT64_MAX && stream_epochs && stream_epochs < epochs)
		return as_fail(err, AS_EDATA, "epochs: %llu, but the stream has %llu: give its source --epochs %llu, or say here "
			       "--epochs %llu, or --steps N for an end before the schedule's", (ull)epochs, (ull)stream_epochs,
			       (ull)epochs, (ull)stream_epochs);
	if (s->goal != UINT64_MAX && s->steps && s->steps < s->goal)
		return as_fail(err, AS_EDATA, "steps: %llu, but the stream has %llu (%llu epochs of %llu images, batches of %llu): give "
			       "its source --epochs %llu or more, or say --steps %llu", (ull)s->goal, (ull)s->steps,
			       (ull)stream_epochs, (ull)s->epoch, (ull)s->batch,
			       (ull)((s->goal - 1) / (s->epoch / s->batch) + 1), (ull)s->steps);
	return 0;
}

int as_schedule_make(struct as_schedule *s, const struct as_header *h, const struct as_recipe *r, uint64_t goal,
		     struct as_error *err)
{
	uint64_t epochs = (uint64_t)r->epochs;
	/* a stream that was dealt in blocks has a part of every batch of the whole */
	*s = (struct as_schedule){.epoch = h->shard.block ? h->records : as_header_per_epoch(h),
				  .epochs = h->epochs ? h->epochs : epochs, .goal = goal, .batch = (uint64_t)r->batch};
	s->images = times(as_header_per_epoch(h), s->epochs);
	if (h->epochs)
		s->steps = times(s->epoch / s->batch, s->epochs);
	return goal ? check(s, h->epochs, epochs, err) : 0;
}

int as_schedule_ended(const struct as_schedule *s, uint64_t step, uint64_t epoch, struct as_seal seal, uint64_t before,
		      struct as_error *err)
{
	uint64_t came = before + seal.count + seal.skipped;
	if (step >= s->goal)
		return 0;
	if (!step)
		return as_fail(err, AS_EDATA, "not one batch of %llu in an epoch: %llu images came, %llu were left out before",
			       (ull)s->batch, (ull)seal.count, (ull)seal.skipped);
	if (s->goal != UINT64_MAX)
		return as_fail(err, AS_EDATA, "the stream ended after step %llu of %llu", (ull)step, (ull)s->goal);
	if (s->images && came < s->images)
		return as_fail(err, AS_EDATA, "the stream ended after step %llu, with %llu of %llu epochs begun: %llu of its %llu "
			       "images did not come", (ull)step, (ull)epoch + 1, (ull)s->epochs, (ull)(s->images - came),
			       (ull)s->images);
	if (!s->images && epoch + 1 < s->epochs)
		return as_fail(err, AS_EDATA, "the stream ended after step %llu, with %llu of %llu epochs begun", (ull)step,
			       (ull)epoch + 1, (ull)s->epochs);
	return 0;
}
