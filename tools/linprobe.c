/* linprobe: linear evaluation of features: classes by logistic regression, exact or by gradient descent, from all
 * images or from a few of each class; places of objects by linear regression. */
#include "probe.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "base/text.h"
#include "eval/boxes.h"
#include "eval/centre.h"
#include "eval/holdout.h"
#include "eval/linear.h"
#include "eval/pick.h"
#include "eval/predict.h"
#include "eval/read.h"
#include "eval/score.h"
#include "eval/sgd.h"
#include "kern/gemm.h"

static const char *metric = "top1", *predictions, *drops;
static double w, hold_out = 0.1, tolerance = 1e-5, lr = 30;
static uint64_t seed, per_class, draws = 10, epochs, batch = 256;
static bool show_path, sgd, in_boxes;

static const struct opt opts[] = {
	OPT_GROUP("Features"),
	OPT_TRAIN("features to learn from"),
	OPT_VAL("features to choose w by, the weight of the penalty (default: held out from --train)"),
	OPT_TEST("features to score"),
	OPT_GROUP("How w is chosen"),
	{0, "metric", OPT_TEXT, &metric, "NAME", "choose w by top1 or per-class (default top1)", 0, 0, true},
	{'w', "penalty", OPT_F64, &w, "W", "this w alone: nothing is chosen", 1e-12, 1e12, true},
	{0, "hold-out", OPT_F64, &hold_out, "SHARE", "of each class, without --val (default 0.1)", 0.001, 0.9, true},
	OPT_GROUP("A few images of each class"),
	{0, "per-class", OPT_U64, &per_class, "K", "learn from K images of each class, drawn several times", 1, 1e6, true},
	{0, "draws", OPT_U64, &draws, "N", "how many times (default 10)", 1, 1000, true},
	OPT_GROUP("Gradient descent"),
	{0, "sgd", OPT_FLAG, &sgd, NULL, "learn by gradient descent; --train may be a stream of several epochs", 0, 0, true},
	{0, "epochs", OPT_U64, &epochs, "N", "of --sgd (default: the stream's, else 100)", 1, 1e6, true},
	{0, "lr", OPT_F64, &lr, "R", "learning rate of --sgd (default 30)", 1e-9, 1e9, true},
	{0, "drops", OPT_TEXT, &drops, "E,...", "epochs from which it is a tenth (default: at 60 % and 80 % of all)", 0, 0, true},
	{0, "batch", OPT_U64, &batch, "N", "rows in a step of --sgd (default 256)", 1, 1e6, true},
	OPT_GROUP("Boxes"),
	{0, "boxes", OPT_FLAG, &in_boxes, NULL, "where objects are, of the class that the operand names, else of any", 0, 0, true},
	OPT_GROUP("How w is chosen"),
	OPT_SEED(seed),
	{0, "tolerance", OPT_F64, &tolerance, "G", "largest gradient left of the mean objective (default 1e-5)", 1e-9, 1,
	 true},
	{0, "path", OPT_FLAG, &show_path, NULL, "also the validation score at each w", 0, 0, false},
	OPT_GROUP("Output and running"),
	{0, "predictions", OPT_TEXT, &predictions, "FILE", "seq, label, prediction of each test row, TSV", 0, 0, false},
	OPT_GROUP("Features"),
	OPT_LABEL,
	PROBE_OPTS,
	OPT_END,
};

/* With --boxes: those of the rows of each set. */
enum { TRAIN, VAL, TEST, SETS };
static const char *const set_name[SETS] = {"train", "val", "test"};
static struct as_boxes box[SETS];

static void put(const struct sets *s, const struct as_features *of, const char *probe, double penalty,
		const struct as_accuracy *a)
{
	char setting[32];
	snprintf(setting, sizeof setting, "w=%.6g", penalty);
	put_accuracy(s, of, probe, setting, a);
}

/* ctx: the penalties that came before, and those of all draws. */
static void said(void *ctx, const struct as_path_point *p, int done)
{
	char more[96];
	const uint64_t *whole = ctx;
	snprintf(more, sizeof more, "w %.3g: %.2f, %d evaluations", p->w, p->score.top1, p->found.evaluations);
	progress(whole[0] + (uint64_t)done, whole[1], "penalties", more);
	if (!p->found.reached)
		warn("w %.3g: rounding ends the descent at a gradient of %.2g", p->w, p->found.gradient);
}

static unsigned char *parts_of(const struct as_features *f)
{
	unsigned char *part = malloc((size_t)f->n);
	if (!part)
		die(EXIT_DATA, "no memory for %lld rows", (long long)f->n);
	return part;
}

/* Without --val, divides *train, whose classes are numbered, class by class; with --boxes the boxes too. */
static void split(struct as_features *train, struct as_features *val)
{
	struct as_error err = {.record = -1};
	struct as_features all = *train;
	struct as_boxes boxes = box[TRAIN];
	unsigned char *part = parts_of(&all);
	if (as_features_hold_out(&all, hold_out, seed, part, &err) || as_features_pick(train, &all, part, 0, &err) ||
	    as_features_pick(val, &all, part, 1, &err) ||
	    (in_boxes && (as_boxes_pick(&box[TRAIN], &boxes, all.n, part, 0, &err) ||
			  as_boxes_pick(&box[VAL], &boxes, all.n, part, 1, &err))))
		die_error(asked.train, &err);
	if (!val->n)
		die(EXIT_DATA, "%s: no class has enough rows to hold out %g of them", asked.train, hold_out);
	free(part);
	as_features_clear(&all);
	if (in_boxes)
		as_boxes_clear(&boxes);
}

static void write_predictions(const struct sets *s, const int64_t *predicted)
{
	struct as_newfile out = {0};
	struct as_error err = {.record = -1};
	const struct as_features *test = &s->test;
	if (as_newfile_open(&out, predictions, &err))
		die_error(NULL, &err);
	fputs("seq\tlabel\tpredicted\tclass\tpredicted-class\tname\n", out.f);
	for (int64_t i = 0; i < test->n; i++) {
		const char *const text[] = {as_features_class(test, test->label[i]),
					    as_features_class(&s->train, predicted[i]), as_features_name(test, i)};
		fprintf(out.f, "%" PRIu64 "\t%" PRId64 "\t%" PRId64, test->seq[i], test->label[i], predicted[i]);
		for (int t = 0; t < 3; t++) {
			fputc('\t', out.f);
			as_put_field(out.f, as_text_of(text[t]));
		}
		fputc('\n', out.f);
	}
	if (as_newfile_commit(&out, &err))
		die_error(NULL, &err);
}

static struct as_accuracy score_of(const struct sets *s, const struct as_features *of, const struct as_classes *learnt,
				   const double *weights, bool write)
{
	struct as_error err = {.record = -1};
	struct as_accuracy accuracy;
	int64_t *predicted = malloc((size_t)of->n * sizeof *predicted);
	if (!predicted)
		die(EXIT_DATA, "no memory for %lld rows", (long long)of->n);
	if (as_logreg_predict(weights, learnt, of, predicted, s->pool, &err) ||
	    as_accuracy(predicted, of->label, of->n, learnt, &accuracy, &err))
		die_error(asked.test, &err);
	if (write && predictions)
		write_predictions(s, predicted);
	free(predicted);
	return accuracy;
}

static void score_test(const struct sets *s, const struct as_classes *learnt, const double *weights)
{
	const struct as_accuracy accuracy = score_of(s, &s->test, learnt, weights, true);
	put(s, &s->test, "linear", w, &accuracy);
}

/* Adds a set's classes to those learnt; if there are new ones, the weights start at zero again. */
static void learn_classes(const struct as_features *f, struct as_classes *learnt, double **weights)
{
	struct as_error err = {.record = -1};
	int64_t before = learnt->count;
	if (as_classes_add(learnt, f->label, f->n, &err))
		die_error(NULL, &err);
	if (learnt->count == before)
		return;
	free(*weights);
	*weights = calloc((size_t)learnt->count, (size_t)(f->d + 1) * sizeof **weights);
	if (!*weights)
		die(EXIT_DATA, "no memory for %lld classes", (long long)learnt->count);
}

static void evaluate(const struct as_linear *o, struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_classes learnt = {0};
	struct as_path_point path[AS_PATH];
	struct as_descent found;
	double *weights = NULL;
	int best = 0;
	bool choose = !tool_given("penalty");
	learn_classes(&s->train, &learnt, &weights);
	as_features_number(&s->train, &learnt);
	warn_unlearnt(&learnt, asked.val, &s->val, "are never right while w is chosen");
	if (choose && !asked.val)
		split(&s->train, &s->val);
	if (choose) {
		if (as_linear_path(o, &s->train, &s->val, &learnt, path, &best, weights, &err))
			die_error(NULL, &err);
		progress_end(AS_PATH, "penalties");
		w = path[best].w;
	}
	learn_classes(&s->val, &learnt, &weights);
	as_features_number(&s->train, &learnt);
	as_features_number(&s->val, &learnt);
	warn_unlearnt(&learnt, asked.test, &s->test, "count as wrong");
	if (as_linear_fit(o, &s->train, s->val.n ? &s->val : NULL, learnt.count, w, weights, &found, &err))
		die_error(NULL, &err);
	if (!found.reached)
		warn("w %.3g: rounding ends the descent at a gradient of %.2g", w, found.gradient);
	score_test(s, &learnt, weights);
	for (int i = 0; choose && show_path && i < AS_PATH; i++)
		put(s, &s->val, "linear-path", path[i].w, &path[i].score);
	free(weights);
	as_classes_clear(&learnt);
}

/* Warns if validation rows are in another set too: then w is chosen, or a score measured, on data that was
 * seen before. */
static void warn_of_shared(const struct sets *s)
{
	struct shared both = shared_rows(&s->val, &s->test);
	warn_shared(&both, asked.val, asked.test, "the score is of rows learnt from");
	both = shared_rows(&s->train, &s->val);
	warn_shared(&both, asked.train, asked.val, "w is chosen by rows learnt from");
}

/* ---- a few images of each class ---- */

/* Learns from one draw: the weights, and in *penalty the w that was chosen, by --val or else by the images that were
 * not drawn. */
static void learn_draw(struct as_linear *o, const struct sets *s, const struct as_classes *learnt, uint64_t draw,
		       double *weights, double *penalty)
{
	struct as_error err = {.record = -1};
	struct as_features few, rest = {0};
	struct as_path_point path[AS_PATH];
	struct as_descent found;
	int64_t least;
	int best = 0;
	unsigned char *part = parts_of(&s->train);
	uint64_t whole[] = {draw * AS_PATH, draws * AS_PATH};
	o->ctx = whole;
	if (as_features_few(&s->train, (int64_t)per_class, seed + draw, part, &least, &err) ||
	    as_features_pick(&few, &s->train, part, 1, &err) || as_features_pick(&rest, &s->train, part, 0, &err))
		die_error(asked.train, &err);
	if (!draw && least < (int64_t)per_class)
		warn("%s: a class has only %" PRId64 " images, all of which are drawn", file_name(asked.train), least);
	bool choose = !tool_given("penalty");
	const struct as_features *by = asked.val ? &s->val : &rest;
	if (choose && !by->n)
		die(EXIT_DATA, "%s: no image is left to choose w by: --val or -w is needed", file_name(asked.train));
	int rc = choose ? as_linear_path(o, &few, by, learnt, path, &best, weights, &err)
			: as_linear_fit(o, &few, NULL, learnt->count, w, weights, &found, &err);
	if (rc)
		die_error(NULL, &err);
	*penalty = choose ? path[best].w : w;
	free(part);
	as_features_clear(&few);
	as_features_clear(&rest);
}

static void evaluate_draws(struct as_linear *o, struct sets *s)
{
	struct as_classes learnt = {0};
	double *weights = NULL, penalty;
	char setting[96], chosen[32];
	struct as_accuracy *each = calloc(draws, sizeof *each), mean;
	if (!each)
		die(EXIT_DATA, "no memory for %" PRIu64 " draws", draws);
	learn_classes(&s->train, &learnt, &weights);
	as_features_number(&s->train, &learnt);
	warn_unlearnt(&learnt, asked.val, &s->val, "are never right while w is chosen");
	warn_unlearnt(&learnt, asked.test, &s->test, "count as wrong");
	for (uint64_t i = 0; i < draws; i++) {
		memset(weights, 0, (size_t)(learnt.count * (s->train.d + 1)) * sizeof *weights);
		learn_draw(o, s, &learnt, i, weights, &penalty);
		each[i] = score_of(s, &s->test, &learnt, weights, false);
		snprintf(setting, sizeof setting, "K=%" PRIu64 " draw=%" PRIu64 " w=%.6g", per_class, i + 1, penalty);
		put_accuracy(s, &s->test, "linear-draw", setting, &each[i]);
	}
	progress_end(draws * AS_PATH, "penalties");
	as_accuracy_mean(each, (int64_t)draws, &mean);
	if (tool_given("penalty"))
		snprintf(chosen, sizeof chosen, "w=%.6g", w);
	else
		strcpy(chosen, asked.val ? "w by val" : "w by the rest");
	snprintf(setting, sizeof setting, "K=%" PRIu64 " draws=%" PRIu64 " %s", per_class, draws, chosen);
	put_accuracy(s, &s->test, "linear-few", setting, &mean);
	free(each);
	free(weights);
	as_classes_clear(&learnt);
}

/* ---- by gradient descent ---- */

/* Reads --drops; without it the rate falls at 60 % and 80 % of the epochs: at 60 and 80 of 100, at 120 and 160 of
 * 200. */
static void settle_drops(struct as_sgd_how *how)
{
	how->drops = read_ascending("--drops", drops, "epochs", "60,80", 1000000, how->drop, AS_SGD_DROPS);
	if (!drops) {
		how->drops = 2;
		how->drop[0] = (int64_t)epochs * 6 / 10;
		how->drop[1] = (int64_t)epochs * 8 / 10;
	}
}

/* The classes of the rows: those that the stream names; otherwise those that occur, of a stream in --test and
 * --val. */
static void find_classes(const struct sets *s, struct as_classes *learnt)
{
	struct as_error err = {.record = -1};
	int64_t named = s->stream && !strcmp(asked.label, "label") ? as_reader_header(s->stream)->classes.count : 0;
	const struct as_features *const set[] = {s->stream ? &s->test : &s->train, s->stream ? &s->val : NULL};
	for (int64_t c = 0; c < named; c++)
		if (as_classes_add(learnt, &c, 1, &err))
			die_error(NULL, &err);
	for (int i = 0; i < 2 && !named; i++)
		if (set[i] && as_classes_add(learnt, set[i]->label, set[i]->n, &err))
			die_error(NULL, &err);
}

/* What the last epoch brought, for the line of progress. */
static char brought[96];

static void note_epoch(const struct as_sgd_epoch *e)
{
	snprintf(brought, sizeof brought, "epoch %" PRId64 ": lr %g, loss %.4g, top1 %.2f", e->epoch, e->lr, e->loss, e->top1);
}

/* Gives the rows of the record that was read last to the classifier. */
static void learn_rows(struct as_sgd *g, struct sets *s, const struct as_classes *learnt)
{
	struct as_error err = {.record = -1};
	struct as_features *f = &s->train;
	for (int64_t i = 0; i < f->n; i++) {
		int64_t y = as_classes_place(learnt, f->label[i]);
		if (y < 0)
			die(EXIT_DATA, "%s: a row of class %" PRId64 ", which neither the header nor --test or --val has",
			    as_reader_name(s->stream), f->label[i]);
		if (as_sgd_row(g, f->x + i * f->d, y, &err))
			die_error(as_reader_name(s->stream), &err);
	}
	f->n = f->unlabelled = 0;
	f->text_bytes = 0;
}

/* Reads epoch after epoch of the stream, as many as asked for. */
static void learn_stream(struct as_sgd *g, struct sets *s, const struct as_classes *learnt, struct as_sgd_epoch *last)
{
	struct as_record rec;
	struct as_error err = {.record = -1};
	const char *name = as_reader_name(s->stream);
	uint64_t done = 0, records = 0, each = as_header_per_epoch(as_reader_header(s->stream));
	while (done < epochs) {
		learn_rows(g, s, learnt);
		progress(++records, epochs * each, "records", *brought ? brought : NULL);
		int rc = as_features_next(&s->train, s->stream, asked.label, true, &rec, &err);
		if (rc < 0)
			die_error(name, &err);
		if (rc && rec.epoch == s->epoch)
			continue;
		if (as_sgd_end(g, last, &err))
			die_error(name, &err);
		note_epoch(last);
		done++;
		if (done < epochs && (!rc || rec.epoch < s->epoch))
			die(EXIT_DATA, "%s: %" PRIu64 " of %" PRIu64 " epochs%s (--epochs)", name, done, epochs,
			    rc ? ": then comes an earlier one" : ", and then it ends");
		s->epoch = rec.epoch;
	}
	progress_end(records, "records");
}

/* Goes through a set that is in memory epoch after epoch, each in another order. */
static void learn_set(struct as_sgd *g, const struct sets *s, struct as_sgd_epoch *last)
{
	struct as_error err = {.record = -1};
	for (uint64_t done = 0; done < epochs; done++) {
		if (as_sgd_learn(g, &s->train, last, &err))
			die_error(file_name(asked.train), &err);
		note_epoch(last);
		progress(done + 1, epochs, "epochs", brought);
	}
	progress_end(epochs, "epochs");
}

/* Scores what was learnt. */
static void score_sgd(const struct sets *s, const struct as_sgd *g, const struct as_classes *learnt)
{
	char setting[96];
	double *weights = malloc((size_t)(learnt->count * (s->train.d + 1)) * sizeof *weights);
	if (!weights)
		die(EXIT_DATA, "no memory for %lld classes", (long long)learnt->count);
	as_sgd_weights(g, weights);
	snprintf(setting, sizeof setting, "epochs=%" PRIu64 " lr=%g batch=%" PRIu64, epochs, lr, batch);
	struct as_accuracy a = score_of(s, &s->test, learnt, weights, true);
	put_accuracy(s, &s->test, "linear-sgd", setting, &a);
	if (asked.val) {
		a = score_of(s, &s->val, learnt, weights, false);
		put_accuracy(s, &s->val, "linear-sgd-val", setting, &a);
	}
	free(weights);
}

static void evaluate_sgd(struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_classes learnt = {0};
	struct as_sgd_epoch last = {.loss = 0};
	struct as_sgd *g;
	uint64_t there = s->stream ? as_reader_header(s->stream)->epochs : 0;
	epochs = epochs ? epochs : there ? there : 100;
	if (there && there < epochs)
		die(EXIT_USAGE, "--epochs %" PRIu64 ": %s has %" PRIu64, epochs, file_name(asked.train), there);
	struct as_sgd_how how = {.lr = lr, .momentum = 0.9, .batch = (int64_t)batch, .seed = seed};
	settle_drops(&how);
	find_classes(s, &learnt);
	warn_unlearnt(&learnt, asked.test, &s->test, "count as wrong");
	if (as_sgd_new(&g, s->train.d, learnt.count, &how, s->pool, &err))
		die_error(NULL, &err);
	as_features_number(&s->train, &learnt);
	if (s->stream)
		learn_stream(g, s, &learnt, &last);
	else
		learn_set(g, s, &last);
	if (last.loss > log((double)learnt.count))
		warn("the loss ends at %.3g, where guessing has %.3g: --lr %g is too high for these features, try %g",
		     last.loss, log((double)learnt.count), lr, lr / 10);
	score_sgd(s, g, &learnt);
	as_sgd_free(g);
	as_classes_clear(&learnt);
}

/* ---- boxes ---- */

static bool read_boxes(struct as_features *f, struct as_reader *r, const char *option)
{
	struct as_error err = {.record = -1};
	int which = 0;
	while (strcmp(set_name[which], option) != 0)
		which++;
	struct as_boxes *b = &box[which];
	if (!in_boxes)
		return false;
	if (as_boxes_read(b, f, r, asked.operand, &err))
		die_error(as_reader_name(r), &err);
	if (b->none + b->several)
		inform("%s: without one box%s%s%s: %" PRId64 " records have none, %" PRId64 " several", as_reader_name(r),
		       asked.operand ? " of '" : "", asked.operand ? asked.operand : "", asked.operand ? "'" : "", b->none,
		       b->several);
	if (!b->whole)
		warn("%s: features of the middle of each image, so that boxes may lie elsewhere (feat-extract --whole)",
		     as_reader_name(r));
	return true;
}

static void put_boxes(const struct sets *s, const struct as_features *of, const char *probe, double penalty,
		      const struct as_box_score *a, const struct as_box_score *chance)
{
	char setting[128];
	double root = sqrt(a->squared);
	snprintf(setting, sizeof setting, "%s%.80s%sw=%.6g", asked.operand ? "class=" : "", asked.operand ? asked.operand : "",
		 asked.operand ? " " : "", penalty);
	const struct as_score score = {.probe = as_text_of(probe), .setting = as_text_of(setting), .n = a->n};
	put_figure(s, of, score, "l2", a->squared, a->squared_interval, chance->squared);
	put_figure(s, of, score, "l2-root", root, root > 0 ? a->squared_interval / (2 * root) : 0, sqrt(chance->squared));
	put_figure(s, of, score, "iou", a->overlap, a->overlap_interval, chance->overlap);
}

static void evaluate_boxes(struct sets *s)
{
	struct as_error err = {.record = -1};
	static struct as_box_fit fit;
	fit.w = w;
	if (!s->val.n && !tool_given("penalty"))
		split(&s->train, &s->val);
	struct as_targets train = {&s->train, box[TRAIN].box}, val = {&s->val, box[VAL].box};
	double *weights = malloc((size_t)(AS_BOX * (s->train.d + 1)) * sizeof *weights);
	double *predicted = malloc((size_t)(AS_BOX * s->test.n) * sizeof *predicted);
	if (!weights || !predicted)
		die(EXIT_DATA, "no memory for %lld boxes", (long long)s->test.n);
	if (as_boxes_fit(&train, s->val.n ? &val : NULL, &fit, weights, s->pool, &err))
		die_error(file_name(asked.train), &err);
	as_ridge_predict(weights, AS_BOX, &s->test, predicted);
	struct as_box_score found = as_box_score(predicted, false, box[TEST].box, s->test.n);
	struct as_box_score chance = as_box_score(fit.mean, true, box[TEST].box, s->test.n);
	put_boxes(s, &s->test, "boxes", fit.w, &found, &chance);
	chance = as_box_score(fit.mean, true, box[VAL].box, s->val.n);
	for (int i = 0; show_path && i < AS_BOX_PATH; i++)
		put_boxes(s, &s->val, "boxes-path", as_box_penalty(i), &fit.score[i], &chance);
	free(weights);
	free(predicted);
	for (int i = 0; i < SETS; i++)
		as_boxes_clear(&box[i]);
}

/* ---- the program ---- */

static void run(struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_features *const set[] = {&s->train, &s->test, &s->val};
	if (s->val.n && !s->stream)
		warn_of_shared(s);
	if (in_boxes) {
		evaluate_boxes(s);
		return;
	}
	if (sgd) {
		evaluate_sgd(s);
		return;
	}
	if (as_features_centre(set, s->val.n ? 3 : 2, &err))
		die_error(NULL, &err);
	uint64_t whole[] = {0, AS_PATH};
	struct as_linear o = {.per_class = metric[0] == 'p', .tolerance = tolerance, .pool = s->pool, .said = said, .ctx = whole};
	if (per_class)
		evaluate_draws(&o, s);
	else
		evaluate(&o, s);
}

/* Which options go with which way to learn: with none of the three, and with each. */
static const struct {
	const char *name;
	bool usual, few, sgd, boxes;
} goes[] = {
	{"metric", true, true, false, false}, {"penalty", true, true, false, true}, {"hold-out", true, false, false, true},
	{"tolerance", true, true, false, false}, {"path", true, false, false, true}, {"predictions", true, false, true, false},
	{"label", true, true, true, false}, {"draws", false, true, false, false}, {"epochs", false, false, true, false},
	{"lr", false, false, true, false}, {"drops", false, false, true, false}, {"batch", false, false, true, false},
};

static void check_way(void)
{
	bool few = tool_given("per-class");
	if (few + sgd + in_boxes > 1)
		die(EXIT_USAGE, "--%s and --%s exclude each other", few ? "per-class" : "sgd", in_boxes ? "boxes" : "sgd");
	for (size_t i = 0; i < sizeof goes / sizeof *goes; i++) {
		bool fits = few ? goes[i].few : sgd ? goes[i].sgd : in_boxes ? goes[i].boxes : goes[i].usual;
		if (tool_given(goes[i].name) && !fits && goes[i].usual)
			die(EXIT_USAGE, "--%s does not go with --%s", goes[i].name, few ? "per-class" : sgd ? "sgd" : "boxes");
		if (tool_given(goes[i].name) && !fits)
			die(EXIT_USAGE, "--%s goes with --%s only", goes[i].name, goes[i].few ? "per-class" : "sgd");
	}
}

static void check(void)
{
	if (!asked.train || !asked.test)
		die(EXIT_USAGE, "--train and --test are needed, as in linprobe --train train.feat --test test.feat");
	check_way();
	if (asked.operand && !in_boxes)
		die(EXIT_USAGE, "'%s': only --boxes takes an operand, the class", asked.operand);
	if (strcmp(metric, "top1") && strcmp(metric, "per-class"))
		die(EXIT_USAGE, "--metric '%s' is neither top1 nor per-class", metric);
	if (asked.val && tool_given("hold-out"))
		die(EXIT_USAGE, "--hold-out and --val exclude each other");
	if (show_path && tool_given("penalty"))
		die(EXIT_USAGE, "--path and --penalty exclude each other: with --penalty no w is chosen");
	if (drops) {
		struct as_sgd_how how = {.drops = 0};
		settle_drops(&how);
	}
}

static bool streams(void)
{
	return sgd;
}

static bool bare(void)
{
	return in_boxes;
}

static const char *operand(void)
{
	return asked.operand;
}

static const struct probe probe = {
	.tool = {
		.name = "linprobe",
		.synopsis = "--train FILE [--val FILE] --test FILE [options] [class]",
		.doc = "Scores features by what a linear predictor makes of them: classes (logistic regression, whose penalty is chosen on "
		       "validation, or gradient descent) or boxes.",
		.opts = opts,
		.max_operands = 1,
		.engine = as_blas_core,
		.example = "linprobe --train train.feat --val val.feat --test test.feat",
	},
	.seen = "the score is of rows learnt from",
	.also = {{"--predictions", &predictions, false}},
	.check = check,
	.bare = bare,
	.streams = streams,
	.read = read_boxes,
	.operand = operand,
	.run = run,
};

int main(int argc, char **argv)
{
	return probe_main(&probe, argc, argv);
}
