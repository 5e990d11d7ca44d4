/* aug-sample: draws the parameters of each image's views. It looks at no pixel: a parameter depends on the
 * seed, the image's id and size, the epoch and the view. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aug/roles.h"
#include "base/file.h"
#include "base/text.h"
#include "common.h"

enum { MAX_POLICY = 64 << 10 };

static const char *preset = "cifar", *policy_file, *filter, *compat = "", *share;
static uint64_t views, seed, size, resize, batch;
static bool eval, dump, list;

static const struct opt opts[] = {
	OPT_GROUP("What is drawn"),
	{0, "preset", OPT_TEXT, &preset, "NAME", "cifar, stl10, imagenet or linear, then :weak or :strong, then +OP (default cifar)",
	 0, 0, true},
	{0, "policy", OPT_TEXT, &policy_file, "FILE", "your own policy, a text as --dump-policy prints it", 0, 0, false},
	{0, "eval", OPT_FLAG, &eval, NULL, "the evaluation transform, with the preset's or policy's size, mean and std", 0, 0,
	 true},
	OPT_GROUP("Views"),
	{0, "size", OPT_U64, &size, "S", "side of the views in pixels (default: the preset's)", 1, AS_MAX_SIDE, true},
	{0, "resize", OPT_U64, &resize, "R", "what --eval makes of the shorter side, S or more (default: S)", 1, 65535, true},
	{0, "filter", OPT_TEXT, &filter, "NAME", "bilinear (default) or bicubic (default with --eval)", 0, 0, true},
	{0, "views", OPT_U64, &views, "N", "views of each image (default: the policy's, else 2, with --eval 1)", 1, AS_MAX_VIEWS,
	 true},
	OPT_GROUP("Draws"),
	{0, "share", OPT_TEXT, &share, "N:OP,...", "N records in a row have one draw of these operations in each view", 0, 0, true},
	{0, "compat", OPT_TEXT, &compat, "WORD,...", "repeat faults of the authors' release that --list names", 0, 0, true},
	{0, "batch", OPT_U64, &batch, "B", "images that share what --compat shares", 1, 65536, true},
	OPT_SEED(seed),
	OPT_GROUP("To look up"),
	{0, "dump-policy", OPT_FLAG, &dump, NULL, "print the policy and end", 0, 0, false},
	{0, "list", OPT_FLAG, &list, NULL, "print augmentations with their settings and parameters, presets, and end", 0, 0, false},
	OPT_END,
};

static enum as_filter chosen_filter(enum as_filter otherwise)
{
	if (!filter)
		return otherwise;
	if (!strcmp(filter, "bilinear"))
		return AS_BILINEAR;
	if (strcmp(filter, "bicubic") != 0)
		die(EXIT_USAGE, "--filter: '%s' is neither bilinear nor bicubic", filter);
	return AS_BICUBIC;
}

static void load_policy(struct as_roles *r)
{
	struct as_policy p;
	struct as_error err;
	char *text;
	if (!policy_file) {
		if (as_policy_preset(preset, &p, &err) < 0)
			die_error(NULL, &err);
		*r = as_roles_of(&p, p.count);
		return;
	}
	if (tool_given("preset"))
		die(EXIT_USAGE, "--preset and --policy exclude each other");
	err.record = -1;
	if (as_text_read(policy_file, AS_PATH_FILE | AS_PATH_PIPE, MAX_POLICY, &text, &err) < 0)
		die_error(NULL, &err);
	if (as_roles_parse(text, r, &err) < 0)
		die_error(policy_file, &err);
	free(text);
}

/* Warns, in one line, about ops that have no effect. */
static void warn_idle(const struct as_policy *p)
{
	char text[512];
	size_t used = 0;
	for (int i = 0; i < p->nop && used < sizeof text; i++)
		if (as_policy_idle(p, i))
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s (%s)", used ? ", " : "", p->op[i].aug->name,
						 as_policy_idle(p, i));
	if (used)
		warn("these ops change no view of %d pixels: %s", p->size, text);
}

/* These options change a single role; if there are several, each has its own lines in the policy. */
static void check_one_role(const struct as_roles *r)
{
	static const char *const one[] = {"size", "resize", "filter", "views", "share", "compat"};
	for (int i = 0; i < (int)(sizeof one / sizeof *one) && r->n > 1; i++)
		if (tool_given(one[i]))
			die(EXIT_USAGE, "--%s: %s has %d roles; write it into their lines there", one[i], policy_file, r->n);
}

/* Changes the policy of a single role as the options say; *shared gets the ops that share something in a
 * batch. */
static void change_policy(struct as_policy *p, unsigned *shared)
{
	struct as_error err;
	p->filter = chosen_filter(eval ? AS_BICUBIC : p->filter);
	if ((size && as_policy_resize(p, (int)size, &err)) || (resize && as_policy_set(p, 0, "resize", (double)resize, &err)))
		die_error(NULL, &err);
	if (as_policy_compat(p, compat, shared, &err) < 0)
		die_error(NULL, &err);
}

/* Makes the roles that the options describe; *shared gets the first role's ops that share something in a
 * batch. */
static void make_roles(struct as_roles *r, unsigned *shared)
{
	struct as_error err;
	load_policy(r);
	*shared = 0;
	if (eval) {
		struct as_policy p, base = r->role[0];
		as_policy_eval(base.size, base.mean, base.std, base.filter, &p);
		*r = as_roles_of(&p, 0);
	}
	check_one_role(r);
	if (r->n == 1) {
		change_policy(&r->role[0], shared);
		*r = as_roles_of(&r->role[0], views ? (int)views : r->role[0].count);
	}
	if (!*shared != !batch)
		die(EXIT_USAGE, batch ? "--batch belongs to --compat" : "--compat %s needs the --batch that shares it", compat);
	if (share && as_roles_share(r, 0, share, &err)) {
		as_fail_within(&err, "--share");
		die_error(NULL, &err);
	}
	const struct as_shares *s = &r->role[0].shares;
	if (*shared & (s->own | s->together))
		die(EXIT_USAGE, "--compat: an op that shares its draw among views or records cannot share it in a batch");
	for (int i = 0; i < r->n; i++)
		warn_idle(&r->role[i]);
}

static struct as_writer *start(struct as_reader *in, const struct as_roles *r)
{
	struct as_header h;
	struct as_error err;
	if (as_header_copy(&h, as_reader_header(in), &err) < 0 || as_roles_to_header(r, &h, &err) < 0)
		die_error(NULL, &err);
	struct as_writer *out = open_output("sample", &h, NULL);
	as_header_clear(&h);
	return out;
}

static struct as_tensor table(const float *data, int64_t rows, int64_t columns)
{
	return (struct as_tensor){AS_F4, 2, {rows, columns}, data};
}

/* Sets the tensors of each role to what was drawn. */
static void give(const struct as_roles *r, const float *param, const float *omega, struct as_record *rec)
{
	for (int i = 0; i < r->n; i++) {
		const struct as_policy *p = &r->role[i];
		rec->role[i].param = table(param + as_roles_params(r, i), p->count, p->nparam);
		rec->role[i].omega = table(omega + as_roles_omegas(r, i), p->count, p->nomega);
	}
}

/* The image to draw for, with its place in the source's order. */
static struct as_subject subject_of(const struct as_header *h, const struct as_record *rec)
{
	return (struct as_subject){.seed = seed, .id = rec->id, .epoch = rec->epoch,
				  .place = h->records ? rec->seq % h->records : rec->seq,
				  .size = {rec->image.height, rec->image.width}};
}

static void sample(const struct as_roles *r, unsigned shared)
{
	static float param[AS_MAX_VIEWS * AS_MAX_PARAM], omega[AS_MAX_VIEWS * AS_MAX_OMEGA];
	struct as_reader *in = open_input("image");
	struct as_writer *out = start(in, r);
	const struct as_policy *first = &r->role[0];
	struct as_record rec;
	struct as_error err;
	uint64_t count = 0;
	int more;
	while ((more = as_reader_next(in, &rec, &err)) > 0) {
		struct as_subject o = subject_of(as_reader_header(in), &rec);
		as_roles_sample(r, &o, param, omega);
		for (int v = 0; v < first->count && shared; v++)
			as_policy_share(first, shared, seed, o.place / batch, rec.epoch, v, param + v * first->nparam);
		give(r, param, omega, &rec);
		if (as_writer_put(out, &rec, &err) < 0)
			die_error(NULL, &err);
		progress(++count, as_header_total(as_reader_header(in)), "images", NULL);
	}
	if (more < 0)
		die_error(as_reader_name(in), &err);
	as_writer_skip(out, as_reader_seal(in).skipped);
	as_reader_close(in);
	close_output(out);
	progress_end(count, "images");
}

static int print_policy(const struct as_roles *r)
{
	char *text = as_roles_text(r);
	if (!text)
		die(EXIT_DATA, "policy: no memory");
	fputs(text, stdout);
	free(text);
	return finish_text();
}

static void list_head(const struct as_aug *a)
{
	printf("    %-8s ", "head");
	switch (a->loss) {
	case AS_LOSS_MSE_TANH:
	case AS_LOSS_MSE_TANH_ALL: printf("%d wide, mean square of tanh less target\n", a->ntarget); break;
	case AS_LOSS_BCE: printf("%d wide, binary cross-entropy\n", a->ntarget); break;
	case AS_LOSS_CE: printf("%d classes, cross-entropy\n", a->ntarget); break;
	case AS_LOSS_NONE: break;
	}
}

static void list_aug(const struct as_aug *a)
{
	char number[64];
	printf("  %s: %s%s\n", a->name, a->doc, a->box ? " (a cut)" : "");
	for (int i = 0; i < a->nsetting; i++) {
		const struct as_setting *s = &a->setting[i];
		printf("    %-8s %s=%-*s %s; %g to %g%s%s\n", "set", s->name, (int)(21 - strlen(s->name)),
		       as_format_f64(s->preset, number), s->doc, s->lo, s->hi, s->flags & AS_WHOLE ? ", whole" : "",
		       s->flags & AS_SCALES ? ", times the strength" : "");
	}
	for (int i = 0; i < a->nparam; i++) {
		const struct as_range *r = &a->range[i];
		printf("    %-8s %-22s %s to %s%s\n", "param", a->param[i], as_format_f32(r->lo, number),
		       as_format_f32(r->hi, number + 32), r->whole ? ", whole" : "");
	}
	for (int i = 0; i < a->nomega; i++)
		printf("%s%s%s", i ? " " : "    omega    ", a->component[i], i == a->nomega - 1 ? "\n" : "");
	if (a->ntarget)
		list_head(a);
	if (a->compat && as_compat_draws(a->compat))
		printf("    %-8s %-22s %s\n", "compat", a->compat->word, a->compat->doc);
}

static int print_list(void)
{
	const char *name;
	printf("augmentations (in the order in which a preset has them)\n");
	for (int i = 0; as_augs[i]; i++)
		list_aug(as_augs[i]);
	printf("presets (the first is the default)\n");
	for (int i = 0; (name = as_preset_name(i)); i++) {
		struct as_policy p;
		struct as_error err;
		if (as_policy_preset(name, &p, &err))
			die_error(NULL, &err);
		printf("  %s: %d px;", name, p.size);
		for (int k = 0; k < p.nop; k++)
			printf(" %s", p.op[k].aug->name);
		printf("\n");
	}
	return finish_text();
}

/* Only the options decide whether it reads and writes streams, which must not be terminals. */
static const struct tool tool = {
	.name = "aug-sample",
	.synopsis = "[options] < images > samples",
	.doc = "Draws augmentation parameters and omega for the views of each image.",
	.opts = opts,
	.may_write = true,
	.example = "img-synth --count 8 | aug-sample --preset cifar | rec-view --sheet views.png",
};

int main(int argc, char **argv)
{
	static struct as_roles roles;
	unsigned shared;
	int operands;
	tool_begin(&tool, argc, argv, &operands);
	if (list)
		return print_list();
	make_roles(&roles, &shared);
	if (dump)
		return print_policy(&roles);
	sample(&roles, shared);
	return 0;
}
