/* aug-apply: makes views from images and drawn parameters. Each record is one task and depends on nothing
 * else; records leave in the order in which they came. */
#include <stdlib.h>
#include <string.h>

#include "aug/views.h"
#include "bad.h"
#include "base/arena.h"
#include "base/pool.h"
#include "common.h"
#include "stream/keep.h"

static uint64_t jobs;
static bool exact;
static const char *dtype_name = "u1";

static const struct opt opts[] = {
	OPT_JOBS(jobs),
	{0, "dtype", OPT_TEXT, &dtype_name, "u1|f4", "what a view's values are: bytes, or floats in [0,1] (default u1)", 0, 0,
	 true},
	{0, "exact", OPT_FLAG, &exact, NULL, "decode all of a JPEG, at its full size", 0, 0, true},
	OPT_MAX_BAD("records that cannot be made"),
	OPT_END,
};

static const struct tool tool = {
	.name = "aug-apply",
	.synopsis = "[options] < samples > views",
	.doc = "Decodes images and makes the views that their parameters describe.",
	.opts = opts,
	.reads = true,
	.writes = true,
	.example = "img-synth --count 8 | aug-sample | aug-apply | rec-view --sheet views.png",
};

/* A batch ends at this many records for each thread, this many in all, or this many bytes, whichever comes
 * first. Batches are small so that their data stay in the cache. */
enum { THREAD_BATCH = 16, BATCH = 64, BATCH_BYTES = 32 << 20 };

/* One record in work. */
struct slot {
	struct as_kept in;
	float *param;
	char *out;
	size_t param_bytes, out_bytes;
	struct as_image_notes notes;
	int rc;
	struct as_error err;
};

struct batch {
	struct slot slot[BATCH];
	int count;
};

/* While one batch is computed, the batch before is written and the next one is read. */
enum { STAGES = 3 };

struct work {
	struct as_roles roles;
	const struct as_pix *pix;
	enum as_dtype dtype;
	struct as_viewer *viewer; /* one for each thread */
	struct batch stage[STAGES], *coming, *made, *leaving;
	struct as_reader *in;
	struct as_writer *out;
	int most;           /* records of a batch */
	int more;           /* the reader's last answer; other than 1: there is no further record */
	struct as_error end; /* the error, if there was one */
	uint64_t warned;
	int64_t done;
	char first[256]; /* text of the first warning */
};

/* Copies a record that the reader lent, and makes room for its views. */
static int keep(struct work *w, struct slot *s, const struct as_record *rec, struct as_error *err)
{
	const struct as_roles *r = &w->roles;
	int rc = as_record_keep(&s->in, rec, err);
	rc = rc ? rc : as_room(&s->param, &s->param_bytes, (size_t)as_roles_params(r, r->n) * sizeof *s->param + 1, err);
	rc = rc ? rc : as_room(&s->out, &s->out_bytes, as_roles_bytes(r, r->n, w->dtype) + 1, err);
	return rc ? rc : as_roles_read(r, rec, s->param, NULL, err);
}

static void make(struct work *w, struct slot *s, int thread)
{
	if (s->rc == 0)
		s->rc = as_views_make(&w->roles, w->pix, &s->in.rec.image, s->param, w->dtype, &w->viewer[thread], s->out,
				      &s->notes, &s->err);
}

/* Writes the record's views, or reports its error. */
static void give(struct work *w, struct slot *s)
{
	const char *where = as_reader_name(w->in);
	struct as_error err = {.record = -1};
	int64_t number = w->done++;
	if (s->notes.warnings && !w->warned++) {
		as_fail(&err, AS_EDATA, "%s", s->notes.first);
		say_which(&err, number, &s->in.rec.name);
		memcpy(w->first, err.text, sizeof w->first - 1);
	}
	if (s->rc < 0) {
		say_which(&s->err, number, &s->in.rec.name);
		if (s->rc == AS_EMEM) /* no fault of the record's */
			die_error(where, &s->err);
		leave_out(where, &s->err);
		as_writer_skip(w->out, 1);
		return;
	}
	struct as_record rec = s->in.rec;
	rec.height = rec.image.height;
	rec.width = rec.image.width;
	for (int i = 0; i < w->roles.n; i++) {
		const struct as_policy *p = &w->roles.role[i];
		rec.role[i].views = (struct as_tensor){w->dtype, 4, {p->count, p->size, p->size, 3},
						       s->out + as_roles_bytes(&w->roles, i, w->dtype)};
	}
	if (as_writer_put(w->out, &rec, &err) < 0)
		die_error(NULL, &err);
}

/* Fills a batch from the reader; empty after the end. */
static void fill(struct work *w, struct batch *b)
{
	struct as_record rec;
	size_t bytes = 0;
	for (b->count = 0; b->count < w->most && bytes < BATCH_BYTES && w->more == 1; b->count++) {
		struct slot *s = &b->slot[b->count];
		w->more = as_reader_next(w->in, &rec, &w->end);
		if (w->more != 1)
			break;
		s->notes = (struct as_image_notes){0};
		s->rc = keep(w, s, &rec, &s->err);
		bytes += s->in.bytes + s->out_bytes;
	}
}

static void empty(struct work *w, struct batch *b)
{
	for (int i = 0; i < b->count; i++) {
		give(w, &b->slot[i]);
		if (b->slot[i].in.bytes > 1 << 20) /* do not keep buffers of many MiB for each slot */
			as_kept_clear(&b->slot[i].in);
	}
	b->count = 0;
	progress((uint64_t)w->done, as_header_total(as_reader_header(w->in)), "images", NULL);
}

/* One thread writes and reads, which may wait for other programs, and then helps to compute. */
static void task(void *ctx, int64_t i, int thread)
{
	struct work *w = ctx;
	if (i > 0) {
		make(w, &w->made->slot[i - 1], thread);
	} else {
		empty(w, w->leaving);
		fill(w, w->coming);
	}
}

static void apply(struct work *w, struct as_pool *pool)
{
	w->coming = &w->stage[0];
	w->made = &w->stage[1];
	w->leaving = &w->stage[2];
	w->more = 1;
	fill(w, w->made);
	while (w->made->count > 0) {
		/* with one thread nothing can go on in the meantime, so no record waits for a batch */
		if (as_pool_threads(pool) == 1) {
			for (int i = 0; i < w->made->count; i++)
				make(w, &w->made->slot[i], 0);
			empty(w, w->made);
			fill(w, w->made);
			continue;
		}
		as_each(pool, 1 + w->made->count, task, w);
		struct batch *gone = w->leaving;
		w->leaving = w->made;
		w->made = w->coming;
		w->coming = gone;
	}
	empty(w, w->leaving);
	if (w->more < 0)
		die_error(as_reader_name(w->in), &w->end);
}

/* Checks that the views fit into a record. */
static int check_size(const struct work *w, struct as_error *err)
{
	if (as_roles_bytes(&w->roles, w->roles.n, w->dtype) <= (size_t)60 << 20)
		return 0;
	int most = 0;
	for (int i = 0; i < w->roles.n; i++)
		most = w->roles.role[i].size > most ? w->roles.role[i].size : most;
	return as_fail(err, AS_EDATA, "policy: %d views of an image, of up to %d x %d pixels, are more than the 60 MiB that a record "
		       "holds: aug-sample with fewer (--views) or smaller ones (--size)", w->roles.views, most, most);
}

static struct as_writer *start(struct work *w, struct as_reader *in)
{
	struct as_header h;
	struct as_error err;
	w->pix = as_pix_chosen();
	if (as_header_copy(&h, as_reader_header(in), &err) < 0)
		die_error(NULL, &err);
	err.record = -1;
	if (as_roles_of_header(&h, &w->roles, &err) < 0 || check_size(w, &err) < 0)
		die_error(as_reader_name(in), &err);
	struct as_writer *out = open_output("view", &h, NULL);
	as_header_clear(&h);
	return out;
}

int main(int argc, char **argv)
{
	static struct work w;
	struct as_pool *pool;
	struct as_error err;
	int operands;
	tool_begin(&tool, argc, argv, &operands);
	if (strcmp(dtype_name, "u1") != 0 && strcmp(dtype_name, "f4") != 0)
		die(EXIT_USAGE, "--dtype: '%s' is neither u1 nor f4", dtype_name);
	w.dtype = *dtype_name == 'u' ? AS_U1 : AS_F4;
	int threads = threads_or_default(jobs);
	if (as_pool_new(&pool, threads, &err) < 0)
		die_error(NULL, &err);
	w.viewer = calloc((size_t)threads, sizeof *w.viewer);
	if (!w.viewer)
		die(EXIT_DATA, "threads: no memory for %d", threads);
	for (int i = 0; i < threads; i++)
		w.viewer[i].exact = exact;
	w.most = THREAD_BATCH * threads < BATCH ? THREAD_BATCH * threads : BATCH;
	w.in = open_input("sample");
	w.out = start(&w, w.in);
	apply(&w, pool);
	as_writer_skip(w.out, as_reader_seal(w.in).skipped);
	close_output(w.out);
	say_left_out();
	if (w.warned)
		warn("images decoded with warnings: %llu, the first %s", (unsigned long long)w.warned, w.first);
	progress_end((uint64_t)w.done, "images");
	as_reader_close(w.in);
	as_pool_free(pool);
	for (int i = 0; i < threads; i++)
		as_viewer_clear(&w.viewer[i]);
	for (int i = 0; i < STAGES * BATCH; i++) {
		struct slot *s = &w.stage[i / BATCH].slot[i % BATCH];
		as_kept_clear(&s->in);
		free(s->param);
		free(s->out);
	}
	free(w.viewer);
	return 0;
}
