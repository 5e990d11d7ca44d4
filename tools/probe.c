#include "probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "eval/match.h"
#include "eval/read.h"
#include "eval/score.h"
#include "kern/gemm.h"

struct asked asked = {.label = "label"};

static struct as_scores scores;

const char *file_name(const char *path)
{
	return path && strcmp(path, "-") ? path : "(stdin)";
}

/* ---- the sets ---- */

static struct as_features load(const struct probe *p, struct as_reader *r, const char *option, bool needed)
{
	struct as_features f;
	struct as_error err = {.record = -1};
	if ((!p->read || !p->read(&f, r, option)) && as_features_read(&f, r, asked.label, needed, &err))
		die_error(as_reader_name(r), &err);
	as_reader_close(r);
	return f;
}

/* --train as a stream: reads its first record's rows, which say how wide features are. */
static void load_first(struct sets *s, struct as_reader *r)
{
	struct as_record rec;
	struct as_error err = {.record = -1};
	int rc = as_features_begin(&s->train, r, asked.label, &err);
	if (!rc)
		rc = as_features_next(&s->train, r, asked.label, true, &rec, &err);
	if (rc < 0)
		die_error(as_reader_name(r), &err);
	if (!rc)
		die(EXIT_DATA, "%s: no features: the stream has no records; see what made it", as_reader_name(r));
	s->epoch = rec.epoch;
	s->stream = r;
}

static void load_train(const struct probe *p, struct sets *s, bool needed)
{
	struct as_reader *r = open_input_file(asked.train, "feature");
	if (p->streams && p->streams() && as_reader_header(r)->epochs != 1)
		load_first(s, r);
	else
		s->train = load(p, r, "train", needed);
}

struct as_features read_features(const char *path, void (*look)(const struct as_header *, const char *name))
{
	static const struct probe plain;
	struct as_reader *r = open_input_file(path, "feature");
	if (look)
		look(as_reader_header(r), as_reader_name(r));
	return load(&plain, r, NULL, false);
}

/* Ends the program unless what is learnt from --train can be tested on the other set. */
static void match(struct as_features *train, const char *path, struct as_features *other)
{
	struct as_error err = {.record = -1};
	if (other->d != train->d)
		die(EXIT_DATA, "%s: features %lld wide, those of %s are %lld: extract both with one model, or one --size of pixels",
		    file_name(path), (long long)other->d, file_name(asked.train), (long long)train->d);
	if (as_features_match(train, other, &err))
		die_error(file_name(path), &err);
}

void warn_unlearnt(const struct as_classes *learnt, const char *path, const struct as_features *f, const char *so)
{
	struct as_classes there = {0};
	struct as_error err = {.record = -1};
	char list[160] = "", one[96];
	int64_t rows = 0;
	if (as_classes_add(&there, f->label, f->n, &err))
		die_error(NULL, &err);
	for (int64_t c = 0; c < there.count; c++)
		if (as_classes_place(learnt, there.label[c]) < 0) {
			const char *name = as_features_class(f, there.label[c]);
			if (name)
				snprintf(one, sizeof one, "'%.80s'", name);
			else
				snprintf(one, sizeof one, "%" PRId64, there.label[c]);
			as_enlist(list, sizeof list, one);
		}
	for (int64_t i = 0; i < f->n; i++)
		rows += f->label[i] >= 0 && as_classes_place(learnt, f->label[i]) < 0;
	if (rows)
		warn("%s: %" PRId64 " of %" PRId64 " rows are of classes that %s lacks, and %s: %s", file_name(path),
		     rows, f->n, file_name(asked.train), so, list);
	as_classes_clear(&there);
}

struct shared shared_rows(const struct as_features *learnt, const struct as_features *other)
{
	struct as_error err = {.record = -1};
	struct shared s = {.of = other->n};
	if (as_features_shared(learnt, other, &s.ids, &s.rows, &err))
		die_error(NULL, &err);
	return s;
}

void warn_shared(const struct shared *s, const char *learnt_path, const char *path, const char *so)
{
	if (s->rows)
		warn("%s: %" PRId64 " of %" PRId64 " rows are in %s too, with the same id and values: %s", file_name(path),
		     s->rows, s->of, file_name(learnt_path), so);
}

/* ---- the scores ---- */

/* The data that were learnt from: --train's, and --val's too unless that is what is scored. */
static char *learnt_from(const struct sets *s, const struct as_features *of)
{
	const char *train = s->train.origin.of ? s->train.origin.of : "";
	const char *val = asked.val && of != &s->val ? s->val.origin.of : NULL;
	size_t room = strlen(train) + (val ? strlen(val) : 0) + 4;
	char *text = malloc(room);
	if (!text)
		die(EXIT_DATA, "no memory for a chain");
	snprintf(text, room, "%s%s%s", train, val ? " + " : "", val ? val : "");
	return text;
}

void put_score(const struct sets *s, const struct as_features *of, struct as_score score)
{
	struct as_error err = {.record = -1};
	char *learnt = learnt_from(s, of);
	if (!score.label.length)
		score.label = as_text_of(score.classes ? asked.label : NULL);
	score.model = as_text_of(of->origin.by);
	score.data = as_text_of(of->origin.of);
	score.learnt = as_text_of(learnt);
	if (as_scores_add(&scores, &score, &err))
		die_error(NULL, &err);
	free(learnt);
}

void put_figure(const struct sets *s, const struct as_features *of, struct as_score score, const char *metric, double value,
		double interval, double chance)
{
	score.metric = as_text_of(metric);
	score.value = value;
	score.interval = interval;
	score.chance = chance;
	put_score(s, of, score);
}

void put_accuracy(const struct sets *s, const struct as_features *of, const char *probe, const char *setting,
		  const struct as_accuracy *a)
{
	const struct as_score score = {.probe = as_text_of(probe), .setting = as_text_of(setting), .unit = as_text_of("%"),
				       .n = a->n, .classes = a->classes};
	put_figure(s, of, score, "top1", a->top1, a->top1_interval, a->top1_chance);
	put_figure(s, of, score, "per-class", a->per_class, a->per_class_interval, a->per_class_chance);
}

int read_ascending(const char *option, const char *text, const char *what, const char *like, int64_t most, int64_t *at, int room)
{
	struct as_error err;
	char part[24];
	int n = 0;
	for (const char *next, *from = text; from; from = next ? next + 1 : NULL, n++) {
		next = strchr(from, ',');
		snprintf(part, sizeof part, "%.*s", (int)strcspn(from, ","), from);
		if (n == room)
			die(EXIT_USAGE, "%s: more than %d %s", option, room, what);
		if (as_parse_i64(part, 1, most, &at[n], &err) || (n && at[n] <= at[n - 1]))
			die(EXIT_USAGE, "%s '%s': %s with commas between, ascending, as in %s", option, text, what, like);
	}
	return n;
}

/* The chain of the scored set, with this program's line added: the options as on the command line, before a
 * probe fills in defaults. */
static struct as_names chain_of(const struct as_features *test, const char *operand)
{
	struct as_error err = {.record = -1};
	const struct as_names *from = &test->origin.chain;
	struct as_names chain = {0};
	int rc = 0;
	for (int64_t i = 0; i < from->count && !rc; i++)
		rc = as_names_add(&chain, as_names_at(from, i), &err);
	if (rc || as_names_add(&chain, tool_chain(operand), &err))
		die_error(NULL, &err);
	return chain;
}

/* ---- the program ---- */

static bool has_option(const struct tool *t, const char *name)
{
	for (const struct opt *o = t->opts; o->name; o++)
		if (!strcmp(o->name, name))
			return true;
	return false;
}

static bool learns_now(const struct probe *p)
{
	return has_option(&p->tool, "train") && (!p->learns || p->learns());
}

static void check(const struct probe *p)
{
	const struct place place[] = {
		{"--scores", asked.scores, true},
		{p->also[0].option, p->also[0].path ? *p->also[0].path : NULL, !p->also[0].read},
		{p->also[1].option, p->also[1].path ? *p->also[1].path : NULL, !p->also[1].read},
		{"--train", asked.train, false}, {"--val", asked.val, false},
		{has_option(&p->tool, "test") ? "--test" : "the features", asked.test, false},
		{"standard input,", "/dev/stdin", false}, {"standard output,", "/dev/stdout", false},
	};
	check_places(place, (int)(sizeof place / sizeof *place));
	if (p->check)
		p->check();
}

static void load_all(const struct probe *p, struct sets *s)
{
	bool needed = has_option(&p->tool, "label") && !(p->bare && p->bare()), learns = learns_now(p);
	if (learns)
		load_train(p, s, needed);
	s->test = load(p, open_input_file(asked.test, "feature"), "test", needed);
	if (asked.val)
		s->val = load(p, open_input_file(asked.val, "feature"), "val", needed);
	if (learns)
		match(&s->train, asked.test, &s->test);
	if (asked.val)
		match(&s->train, asked.val, &s->val);
	if (learns && p->seen && !s->stream) {
		struct shared both = shared_rows(&s->train, &s->test);
		warn_shared(&both, asked.train, asked.test, p->seen);
	}
}

int probe_main(const struct probe *p, int argc, char **argv)
{
	int count;
	struct sets s = {0};
	struct as_error err = {.record = -1};
	char **operand = tool_begin(&p->tool, argc, argv, &count);
	asked.operand = count ? operand[0] : NULL;
	if (count && !p->operand && asked.test)
		die(EXIT_USAGE, "--test %s and '%s': one of them", asked.test, operand[0]);
	if (count && !p->operand)
		asked.test = operand[0];
	check(p);
	if (learns_now(p) && !asked.train)
		die(EXIT_USAGE, "--train is needed, as in %s", p->tool.example);
	load_all(p, &s);
	if (p->tool.engine && as_blas_complaint())
		warn("%s", as_blas_complaint());
	if (as_pool_new(&s.pool, threads_or_default(asked.jobs), &err))
		die_error(NULL, &err);
	scores.table = stdout;
	struct as_names chain = chain_of(&s.test, p->operand ? p->operand() : NULL);
	p->run(&s);
	if (asked.scores && as_scores_write(&scores, asked.scores, &chain, &err))
		die_error(NULL, &err);
	as_scores_clear(&scores);
	as_names_clear(&chain);
	as_pool_free(s.pool);
	as_reader_close(s.stream);
	as_features_clear(&s.train);
	as_features_clear(&s.val);
	as_features_clear(&s.test);
	return finish_text();
}
