/* feat-extract: computes features of images or views by a frozen network, or uses their pixels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aug/views.h"
#include "bad.h"
#include "base/text.h"
#include "common.h"
#include "kern/gemm.h"
#include "kern/kern.h"
#include "ssl/extract.h"
#include "stream/keep.h"

static const char *model, *prefix, *stem, *layer = "backbone", *filter = "bicubic", *compat = "", *role;
static bool pixels, exact, whole, bf16;
static uint64_t size, resize, jobs, batch = 64;

static const struct opt opts[] = {
	OPT_GROUP("Network"),
	{'m', "model", OPT_TEXT, &model, "FILE", "safetensors: a model or state of ssl-train, or any ResNet", 0, 0, false},
	{0, "prefix", OPT_TEXT, &prefix, "TEXT", "which ResNet of several: what stands before its tensors' names", 0, 0, true},
	{0, "stem", OPT_TEXT, &stem, "NAME", "cifar or imagenet, where the file does not tell it", 0, 0, true},
	{0, "layer", OPT_TEXT, &layer, "NAME", "backbone (default) or projector", 0, 0, true},
	{0, "pixels", OPT_FLAG, &pixels, NULL, "no network: the pixels are the features, to compare with", 0, 0, true},
	OPT_GROUP("Images"),
	{0, "size", OPT_U64, &size, "N", "image size (default: the model's; 32 with --pixels)", 1, 2048, true},
	{0, "resize", OPT_U64, &resize, "N", "what the shorter side becomes before the middle is cut (default: the size)", 1, 65535,
	 true},
	{0, "whole", OPT_FLAG, &whole, NULL, "the whole image, stretched to the size, instead of its middle: for boxes", 0, 0, true},
	{0, "filter", OPT_TEXT, &filter, "NAME", "bicubic (default) or bilinear, for images", 0, 0, true},
	{0, "compat", OPT_TEXT, &compat, "WORD", "crop-half-up: the middle as torchvision 0.8.2 cut it", 0, 0, true},
	{0, "role", OPT_TEXT, &role, "NAME", "which role's views, where records have several (default: the first)", 0, 0, true},
	OPT_GROUP("Running"),
	{'b', "batch", OPT_U64, &batch, "N", "views at once (default 64)", 1, 4096, false},
	OPT_MAX_BAD("images that do not decode"),
	{0, "bf16", OPT_FLAG, &bf16, NULL, "maps of the backbone in bfloat16, where the CPU has it", 0, 0, true},
	{0, "exact", OPT_FLAG, &exact, NULL, "convolutions by the formula, and JPEGs decoded whole", 0, 0, true},
	OPT_JOBS(jobs),
	OPT_END,
};

static const struct tool tool = {
	.name = "feat-extract",
	.synopsis = "[options] --model FILE < images|views > features",
	.doc = "Writes the features of images or views under a frozen network.",
	.opts = opts,
	.reads = true,
	.writes = true,
	.engine = as_blas_core,
	.example = "img-read folder photos | feat-extract --model model.safetensors > photos.feat",
};

/* One record in work: its copy, and the place of its views in the batch. */
struct slot {
	struct as_kept in;
	struct as_image_notes notes;
	struct as_error err;
	int rc;
};

struct work {
	struct as_extractor *extractor; /* NULL with --pixels */
	struct as_policy policy;        /* the policy eval */
	struct as_roles one;            /* a role for the one view of an image */
	int role;                       /* the role whose views are used */
	const struct as_pix *pix;
	struct as_viewer *viewer; /* one for each thread */
	struct slot *slot;
	float *x;      /* (batch,S,S,3) */
	int64_t views; /* views in a record: 1 for images */
	bool images;
	uint64_t warned, done;
};

/* Sets how the middle is cut, from the options. */
static void settle_policy(struct as_policy *p)
{
	struct as_error err;
	unsigned shared; /* unused: the policy is only a cut */
	if (whole && (resize || *compat))
		die(EXIT_USAGE, "--whole cuts off nothing: --%s does not go with it", resize ? "resize" : "compat");
	if ((resize && as_policy_set(p, 0, "resize", (double)resize, &err)) || as_policy_compat(p, compat, &shared, &err) ||
	    (whole && as_policy_set(p, 0, "whole", 1, &err)))
		die_error(NULL, &err);
}

static void open_model(struct work *w, struct as_pool *pool)
{
	static const float zero[3], one[3] = {1, 1, 1};
	struct as_error err;
	bool projector = !strcmp(layer, "projector");
	if (strcmp(filter, "bicubic") && strcmp(filter, "bilinear"))
		die(EXIT_USAGE, "--filter: '%s' is neither bicubic nor bilinear", filter);
	if (!projector && strcmp(layer, "backbone"))
		die(EXIT_USAGE, "--layer: '%s' is neither backbone nor projector", layer);
	if (pixels && (prefix || stem))
		die(EXIT_USAGE, "--%s is for a model, and --pixels uses none", prefix ? "prefix" : "stem");
	if (pixels && model)
		die(EXIT_USAGE, "--model and --pixels exclude each other");
	if (!pixels && !model)
		die(EXIT_USAGE, "--model FILE is needed, or --pixels for the pixels themselves; see feat-extract --help");
	enum as_filter f = strcmp(filter, "bilinear") ? AS_BICUBIC : AS_BILINEAR;
	if (pixels) {
		as_policy_eval(size ? (int)size : 32, zero, one, f, &w->policy);
		return;
	}
	struct as_extract how = {prefix, stem, (int)size, projector, bf16, (int64_t)batch};
	if (as_extractor_open(&w->extractor, model, &how, &(struct as_engine){as_kern_chosen(exact), pool, 1, NULL}, &err))
		die_error(NULL, &err);
	inform("%s", as_extractor_name(w->extractor));
	if (as_extractor_note(w->extractor))
		warn("%s: %s", model, as_extractor_note(w->extractor));
	const struct as_policy *p = as_extractor_policy(w->extractor);
	as_policy_eval(p->size, p->mean, p->std, f, &w->policy);
}

/* The number of floats in one view. */
static int64_t view_floats(const struct work *w)
{
	return 3 * (int64_t)w->policy.size * w->policy.size;
}

/* Cuts an image by the policy eval, whose parameters depend only on the image's size. */
static void make(void *ctx, int64_t i, int thread)
{
	struct work *w = ctx;
	struct slot *s = &w->slot[i];
	const struct as_record *r = &s->in.rec;
	float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
	if (!w->images) {
		int64_t n = w->views * view_floats(w);
		float *x = w->x + i * n;
		as_tensor_floats(&r->role[w->role].views, 0, n, x);
		for (int64_t j = 0; r->role[w->role].views.dtype == AS_U1 && j < n; j++)
			x[j] /= 255;
		if (as_finite(n, x) < n)
			s->rc = as_fail(&s->err, AS_EDATA, "views: a pixel is not finite");
		return;
	}
	as_policy_sample(&w->policy, 0, r->id, r->epoch, 0, (struct as_size){r->image.height, r->image.width}, param, omega);
	s->rc = as_views_make(&w->one, w->pix, &r->image, param, AS_F4, &w->viewer[thread], w->x + i * view_floats(w), &s->notes,
			      &s->err);
}

static void run_batch(struct work *w, int64_t n, struct as_pool *pool, struct as_writer *out, const char *where)
{
	struct as_error err;
	int64_t d = w->extractor ? as_extractor_width(w->extractor) : view_floats(w);
	as_each(pool, n, make, w);
	const float *y = w->extractor ? as_extractor_run(w->extractor, w->x, n * w->views) : w->x;
	for (int64_t i = 0; i < n; i++, w->done++) {
		struct slot *s = &w->slot[i];
		struct as_record r = s->in.rec;
		w->warned += s->notes.warnings > 0;
		if (s->rc) {
			say_which(&s->err, (int64_t)w->done, &s->in.rec.name);
			leave_out(where, &s->err);
			as_writer_skip(out, 1);
			continue;
		}
		if (as_finite(w->views * d, y + i * w->views * d) < w->views * d)
			die(EXIT_DATA, "%s:record %llu: features: not finite: the network overflows on this image", where,
			    (unsigned long long)w->done);
		r.role[0] = r.role[w->role];
		r.feature = (struct as_tensor){AS_F4, 2, {w->views, d}, y + i * w->views * d};
		if (as_writer_put(out, &r, &err))
			die_error(NULL, &err);
	}
}

/* Checks the shape of views; the first record's shape decides the size of the buffers. */
static void check_views(const struct work *w, const struct as_record *r, const char *where)
{
	const int64_t *s = r->role[w->role].views.shape;
	int S = w->policy.size;
	if (s[1] != S || s[2] != S || s[3] != 3 || s[0] != w->views)
		die(EXIT_DATA, "%s:record %llu: views: %lldx%lldx%lldx%lld where %lldx%dx%dx3 is expected: aug-sample --size %d "
		    "makes such, or another --role has them", where,
		    (unsigned long long)w->done, (long long)s[0], (long long)s[1], (long long)s[2], (long long)s[3],
		    (long long)w->views, S, S, S);
}

static void extract(struct work *w, struct as_reader *in, struct as_writer *out, struct as_pool *pool)
{
	const char *where = as_reader_name(in);
	uint64_t total = as_header_total(as_reader_header(in));
	struct as_record rec;
	struct as_error err;
	int rc = as_reader_next(in, &rec, &err);
	w->views = rc > 0 && !w->images ? rec.role[w->role].views.shape[0] : 1;
	if (w->views < 1 || w->views > (int64_t)batch)
		die(EXIT_USAGE, "--batch: less than the %lld views of a record: --batch %lld or more",
		    (long long)w->views, (long long)w->views);
	int64_t each = (int64_t)batch / w->views, n = 0;
	w->slot = calloc((size_t)each, sizeof *w->slot);
	w->x = malloc((size_t)(each * w->views * view_floats(w)) * sizeof *w->x);
	if (!w->slot || !w->x)
		die(EXIT_DATA, "no memory for batches of %llu views", (unsigned long long)batch);
	for (; rc > 0; rc = as_reader_next(in, &rec, &err)) {
		struct slot *s = &w->slot[n];
		if (!w->images)
			check_views(w, &rec, where);
		s->rc = 0;
		s->notes = (struct as_image_notes){0};
		if (as_record_keep(&s->in, &rec, &err))
			die_error(where, &err);
		if (++n == each) {
			run_batch(w, n, pool, out, where);
			n = 0;
			progress(w->done, total, "images", NULL);
		}
	}
	if (n)
		run_batch(w, n, pool, out, where);
	if (rc < 0)
		die_error(where, &err);
	for (int64_t i = 0; i < each; i++)
		as_kept_clear(&w->slot[i].in);
}

/* Images are cut by the policy eval, which is written into the header. */
static void set_policy(struct work *w, struct as_header *h)
{
	struct as_error err;
	w->one = as_roles_of(&w->policy, 1);
	if (role)
		die(EXIT_USAGE, "--role: these are images, which have no views yet: leave it out, or put aug-sample | aug-apply in front");
	if (as_roles_to_header(&w->one, h, &err))
		die_error(NULL, &err);
}

static const char *role_names(const struct as_roles *r)
{
	static char names[128];
	*names = 0;
	for (int i = 0; i < r->n; i++)
		as_enlist(names, sizeof names, r->role[i].role);
	return names;
}

/* Of several roles, one is used; what the header says about others is removed. */
static void choose_role(struct work *w, struct as_header *h, const char *where)
{
	static struct as_roles all;
	struct as_error err = {.record = -1};
	if (!h->policy && !role)
		return;
	if (as_roles_of_header(h, &all, &err))
		die_error(where, &err);
	w->role = role ? as_roles_find(&all, role) : 0;
	if (w->role < 0)
		die(EXIT_USAGE, "--role: %s has no views of the role '%s', but %s%s", where, role, role_names(&all),
		    as_near(role, role_names(&all), &(struct as_hint){0}));
	if (all.n > 1 && !role)
		inform("features of the role '%s'; there are %s (--role)", all.role[0].role, role_names(&all));
	struct as_policy *p = &all.role[w->role];
	p->shares = (struct as_shares){.records = 0};
	w->one = as_roles_of(p, p->count);
	if (as_roles_to_header(&w->one, h, &err))
		die_error(where, &err);
}

/* The model changes the output, its path does not: the chain names the model by the hash of what was
 * loaded. */
static const char *model_id(const struct as_extractor *e)
{
	static char id[32];
	snprintf(id, sizeof id, "model:%016llx", (unsigned long long)as_extractor_hash(e));
	return id;
}

int main(int argc, char **argv)
{
	static struct work w;
	struct as_header header = {0};
	struct as_pool *pool;
	struct as_error err;
	int count;
	tool_begin(&tool, argc, argv, &count);
	w.pix = as_pix_chosen();
	if (!pixels && as_blas_complaint())
		warn("%s", as_blas_complaint());
	if (as_pool_new(&pool, threads_or_default(jobs), &err))
		die_error(NULL, &err);
	open_model(&w, pool);
	settle_policy(&w.policy);
	static struct as_reader *in; /* static: a program that dies has not lost it */
	in = open_input("image,view");
	w.images = !strcmp(as_reader_header(in)->kind, "image");
	w.viewer = calloc((size_t)as_pool_threads(pool), sizeof *w.viewer);
	if (!w.viewer || as_header_copy(&header, as_reader_header(in), &err))
		die(EXIT_DATA, "no memory");
	for (int i = 0; i < as_pool_threads(pool); i++)
		w.viewer[i].exact = exact;
	if (w.images)
		set_policy(&w, &header);
	else if (resize || *compat || whole)
		die(EXIT_USAGE, "--%s is for images, and these are views", resize ? "resize" : whole ? "whole" : "compat");
	if (!w.images)
		choose_role(&w, &header, as_reader_name(in));
	struct as_writer *out = open_output("feature", &header, w.extractor ? model_id(w.extractor) : NULL);
	extract(&w, in, out, pool);
	as_writer_skip(out, as_reader_seal(in).skipped);
	close_output(out);
	say_left_out();
	if (w.warned)
		warn("images decoded with warnings: %llu", (unsigned long long)w.warned);
	progress_end(w.done, "images");
	for (int i = 0; i < as_pool_threads(pool); i++)
		as_viewer_clear(&w.viewer[i]);
	as_header_clear(&header);
	as_extractor_close(w.extractor);
	as_pool_free(pool);
	as_reader_close(in);
	free(w.viewer);
	free(w.slot);
	free(w.x);
	return 0;
}
