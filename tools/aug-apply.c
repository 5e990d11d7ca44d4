/* aug-apply: turns images and drawn parameters into views. Each record is a task
 * of its own, a pure function of what it says; records leave in the order they came. */
#include <stdlib.h>
#include <string.h>

#include "aug/policy.h"
#include "aug/views.h"
#include "base/arena.h"
#include "base/pool.h"
#include "common.h"
#include "stream/keep.h"

static uint64_t jobs, max_bad;
static bool exact;
static const char *dtype_name = "u1";

static const struct opt opts[] = {
	OPT_JOBS(jobs),
	{0, "dtype", OPT_TEXT, &dtype_name, "u1|f4", "what a view's values are: bytes, or floats in [0,1] (default u1)", 0, 0,
	 true},
	{0, "exact", OPT_FLAG, &exact, NULL, "decode all of a JPEG, at its full size", 0, 0, true},
	{0, "max-bad", OPT_U64, &max_bad, "N", "leave out up to N records that cannot be made (default 0)", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "aug-apply",
	.synopsis = "[options] < samples > views",
	.doc = "Decodes images and makes the views that their parameters describe.",
	.opts = opts,
	.reads = true,
	.writes = true,
};

/* A batch ends at so many records or so many bytes, whichever comes first. */
enum { BATCH = 64, BATCH_BYTES = 32 << 20 };

/* One record on its way. */
struct slot {
	struct as_kept in;
	int64_t views;
	float *param;
	char *out;
	size_t param_bytes, out_bytes;
	struct as_image_notes notes;
	int rc;
	struct as_error err;
};

struct work {
	struct as_policy policy;
	const struct as_pix *pix;
	enum as_dtype dtype;
	struct as_viewer *viewer; /* one a lane */
	struct slot slot[BATCH];
	uint64_t bad, warned;
	int64_t done;
	char first[256]; /* the first warning */
};

/* Keeps a record that the reader lent, and room for its views. */
static int take(struct work *w, struct slot *s, const struct as_record *rec, struct as_error *err)
{
	const struct as_policy *p = &w->policy;
	int rc = as_record_keep(&s->in, rec, err);
	if (rc < 0)
		return rc;
	s->views = rec->param.shape[0];
	if (rec->param.shape[1] != p->nparam || rec->omega.shape[1] != p->nomega || rec->omega.shape[0] != s->views)
		return as_fail(err, AS_EDATA, "param and omega have %lld and %lld columns, the policy %d and %d",
			       (long long)rec->param.shape[1], (long long)rec->omega.shape[1], p->nparam, p->nomega);
	size_t params = (size_t)as_tensor_count(&rec->param);
	size_t bytes = (size_t)s->views * as_view_bytes(p, w->dtype);
	if (bytes > (size_t)60 << 20)
		return as_fail(err, AS_EDATA, "%lld views of %d x %d pixels are more than 60 MiB", (long long)s->views, p->size,
			       p->size);
	rc = as_room(&s->param, &s->param_bytes, params * sizeof *s->param + 1, err);
	if (rc == 0)
		rc = as_room(&s->out, &s->out_bytes, bytes + 1, err);
	if (rc == 0)
		as_tensor_floats(&rec->param, 0, (int64_t)params, s->param);
	return rc;
}

static void make(void *ctx, int64_t i, int lane)
{
	struct work *w = ctx;
	struct slot *s = &w->slot[i];
	if (s->rc == 0)
		s->rc = as_views_make(&w->policy, w->pix, &s->in.rec.image, s->param, s->views, w->dtype, &w->viewer[lane],
				      s->out, &s->notes, &s->err);
}

/* "NAME: why", the record's number in front of it. */
static void say_where(const struct slot *s, struct as_error *err, int64_t number)
{
	const struct as_text *name = &s->in.rec.name;
	if (name->length)
		as_fail_within(err, "%.*s", (int)(name->length > 200 ? 200 : name->length), name->at);
	err->record = number;
}

/* The record's views onward, or its fault. */
static void give(struct work *w, struct slot *s, struct as_writer *out, const char *where)
{
	struct as_error err = {.record = -1};
	int64_t number = w->done++;
	if (s->notes.warnings && !w->warned++) {
		as_fail(&err, AS_EDATA, "%s", s->notes.first);
		say_where(s, &err, number);
		memcpy(w->first, err.text, sizeof w->first - 1);
	}
	if (s->rc < 0) {
		say_where(s, &s->err, number);
		if (s->rc == AS_EMEM || w->bad == max_bad)
			die_error(where, &s->err);
		warn_error(where, &s->err);
		w->bad++;
		as_writer_skip(out, 1);
		return;
	}
	struct as_record rec = s->in.rec;
	int64_t S = w->policy.size;
	rec.height = rec.image.height;
	rec.width = rec.image.width;
	rec.views = (struct as_tensor){w->dtype, 4, {s->views, S, S, 3}, s->out};
	if (as_writer_put(out, &rec, &err) < 0)
		die_error(NULL, &err);
}

static void apply(struct work *w, struct as_reader *in, struct as_writer *out, struct as_pool *pool)
{
	struct as_record rec;
	struct as_error err;
	int more = 1;
	while (more > 0) {
		int n = 0;
		for (size_t bytes = 0; n < BATCH && bytes < BATCH_BYTES; n++) {
			more = as_reader_next(in, &rec, &err);
			if (more <= 0)
				break;
			w->slot[n].notes = (struct as_image_notes){0};
			w->slot[n].rc = take(w, &w->slot[n], &rec, &w->slot[n].err);
			bytes += w->slot[n].in.bytes + w->slot[n].out_bytes;
		}
		as_each(pool, n, make, w);
		for (int i = 0; i < n; i++)
			give(w, &w->slot[i], out, as_reader_name(in));
		for (int i = 0; i < n; i++) /* 64 files of many MiB each are not to be kept */
			if (w->slot[i].in.bytes > 1 << 20)
				as_kept_clear(&w->slot[i].in);
		progress((uint64_t)w->done, 0, "images", NULL);
	}
	if (more < 0)
		die_error(as_reader_name(in), &err);
}

static struct as_writer *start(struct work *w, struct as_reader *in)
{
	struct as_header h;
	struct as_error err;
	if (strcmp(dtype_name, "u1") != 0 && strcmp(dtype_name, "f4") != 0)
		die(EXIT_USAGE, "--dtype: '%s' is neither u1 nor f4", dtype_name);
	w->dtype = *dtype_name == 'u' ? AS_U1 : AS_F4;
	w->pix = as_pix_chosen();
	if (as_header_copy(&h, as_reader_header(in), &err) < 0)
		die_error(NULL, &err);
	err.record = -1;
	if (!h.policy)
		die(EXIT_DATA, "%s: the header has no policy", as_reader_name(in));
	if (as_policy_parse(h.policy, &w->policy, &err) < 0)
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
	int threads = threads_or_default(jobs);
	if (as_pool_new(&pool, threads, &err) < 0)
		die_error(NULL, &err);
	w.viewer = calloc((size_t)threads, sizeof *w.viewer);
	if (!w.viewer)
		die(EXIT_DATA, "threads: no memory for %d", threads);
	for (int i = 0; i < threads; i++)
		w.viewer[i].exact = exact;
	struct as_reader *in = open_input("sample");
	struct as_writer *out = start(&w, in);
	apply(&w, in, out, pool);
	as_writer_skip(out, as_reader_seal(in).skipped);
	close_output(out);
	if (w.bad)
		warn("records left out: %llu", (unsigned long long)w.bad);
	if (w.warned)
		warn("images decoded with warnings: %llu, the first %s", (unsigned long long)w.warned, w.first);
	progress_end((uint64_t)w.done, "images");
	as_reader_close(in);
	as_pool_free(pool);
	for (int i = 0; i < threads; i++)
		as_viewer_clear(&w.viewer[i]);
	for (int i = 0; i < BATCH; i++) {
		as_kept_clear(&w.slot[i].in);
		free(w.slot[i].param);
		free(w.slot[i].out);
	}
	free(w.viewer);
	return 0;
}
