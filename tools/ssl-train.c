/* ssl-train: trains a network on views. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aug/roles.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/trace.h"
#include "base/version.h"
#include "batches.h"
#include "common.h"
#include "ending.h"
#include "kern/gemm.h"
#include "nn/optim.h"
#include "ranks.h"
#include "ssl/agree.h"
#include "ssl/doubts.h"
#include "ssl/log.h"
#include "ssl/schedule.h"
#include "ssl/source.h"
#include "ssl/trainer.h"

static struct {
	const char *recipe, *config, *state, *model, *log, *on_checkpoint, *time_limit, *trace;
	bool dump_config, list, plan, find_batch;
	uint64_t jobs, steps, every, log_every, images;
} o = {.steps = UINT64_MAX, .log_every = 10};

static const struct opt own_opts[] = {
	OPT_GROUP("Configuration"),
	{'r', "recipe", OPT_TEXT, &o.recipe, "NAME", "start from a recipe: cifar, stl10, imagenet100, imagenet", 0, 0, true},
	{0, "config", OPT_TEXT, &o.config, "FILE", "start from what a file says, as --dump-config prints it", 0, 0, true},
	{0, "dump-config", OPT_FLAG, &o.dump_config, NULL, "print the configuration, a file for --config, and end", 0, 0, false},
	{0, "list", OPT_FLAG, &o.list, NULL,
	 "print methods with their settings, heads, backbones, optimizers, recipes, and end", 0, 0, false},
	OPT_GROUP("Schedule"),
	{0, "steps", OPT_U64, &o.steps, "N", "end after N steps in all; 0: the random start", 0, 1e15, false},
	OPT_GROUP("State, model, log"),
	{0, "state", OPT_TEXT, &o.state, "FILE", "keep the state here; if the file is there, go on from it", 0, 0, false},
	{'o', "output", OPT_TEXT, &o.model, "FILE", "the model, written once at the end", 0, 0, false},
	{0, "every", OPT_U64, &o.every, "N", "steps between states (default: an epoch)", 1, 1e15, false},
	{0, "time-limit", OPT_TEXT, &o.time_limit, "TIME",
	 "end at a state in time: 3:50:00, 1-12:00:00, 230m, seconds, or slurm", 0, 0, false},
	{0, "on-checkpoint", OPT_TEXT, &o.on_checkpoint, "CMD", "run CMD after each state, with AUGSELF_STATE, AUGSELF_STEP, AUGSELF_EPOCH",
	 0, 0, false},
	{'l', "log", OPT_TEXT, &o.log, "FILE", "log as TSV; times go to FILE.time.tsv", 0, 0, false},
	{0, "log-every", OPT_U64, &o.log_every, "N", "steps between lines of the log (default 10)", 1, 1e9, false},
	{0, "trace", OPT_TEXT, &o.trace, "FILE", "write a timeline of the first 100 steps, which Chrome and Perfetto show", 0, 0,
	 false},
	OPT_GROUP("Configuration"),
	{0, "plan", OPT_FLAG, &o.plan, NULL, "print operations, shapes, work and memory, and end", 0, 0, false},
	{0, "find-batch", OPT_FLAG, &o.find_batch, NULL, "print which batches fit into memory and how fast they are, and end", 0, 0, false},
	{0, "images", OPT_U64, &o.images, "N", "images of an epoch, for --find-batch", 2, 1e12, false},
	OPT_GROUP("Running"),
	OPT_JOBS(o.jobs),
	OPT_END,
};

/* Options for the recipe's values: their texts, or whether the flag was given. */
enum { MAX_VALUES = 32, OWN_OPTS = sizeof own_opts / sizeof *own_opts, MAX_CONFIG = 64 << 10 };
static const char *text_of[MAX_VALUES];
static bool flag_of[MAX_VALUES];
static struct opt opts[2 * MAX_VALUES + OWN_OPTS];

static void collect_options(void)
{
	struct opt *next = opts;
	for (int i = 0; i < as_recipe_nvalues; i++) {
		const struct as_value *v = &as_recipe_values[i];
		bool flag = !v->arg;
		*next++ = (struct opt)OPT_GROUP(v->group);
		*next++ = (struct opt){v->letter, v->name, flag ? OPT_FLAG : v->type == AS_V_LIST ? OPT_LIST : OPT_TEXT,
				       flag ? (void *)&flag_of[i] : (void *)&text_of[i], v->arg, v->doc, 0, 0, true};
	}
	memcpy(next, own_opts, sizeof own_opts);
}

static const struct tool tool = {
	.name = "ssl-train",
	.synopsis = "[options] --output MODEL < views",
	.doc = "Trains a representation on views, with AugSelf heads or without.",
	.opts = opts,
	.writes = false,
	.engine = as_blas_core,
	.example = "img-synth --count 256 --epochs 2 | aug-sample | aug-apply |\n"
		   "    ssl-train -w 0.0625 -b 64 -o model.safetensors",
};

/* Sets the values that the command line gives. */
static void set_options(struct as_recipe *r)
{
	struct as_error err;
	for (int i = 0; i < as_recipe_nvalues; i++) {
		const struct as_value *v = &as_recipe_values[i];
		const char *said = v->arg ? text_of[i] : "1";
		if (tool_given(v->name) && as_recipe_set(r, v->name, said, &err))
			die(EXIT_USAGE, "--%s", err.text);
		if (tool_given(v->name) && !strcmp(v->name, "augself") && !*said)
			die(EXIT_USAGE, "--augself: ''; 'none' leaves out all heads");
	}
}

static char *config; /* text of --config's file */

/* Ends the program for a configuration that cannot be used. If the value that the error names first comes
 * from the file and not from an option, the message names the file. */
AS_NORETURN static void die_configured(const struct as_error *err)
{
	char name[sizeof err->text];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(err->text, ":"), err->text);
	int line = config && !tool_given(name) ? as_recipe_line(config, name) : 0;
	if (line)
		die(EXIT_DATA, "%s: line %d: %s", o.config, line, err->text);
	die_error(NULL, err);
}

static int64_t recipe_batch; /* of --recipe or --config; 0: there is none */

/* Starts from --recipe (for the method in the options) or --config, and applies the options. */
static struct as_recipe configure(void)
{
	struct as_recipe r, asked;
	struct as_error err = {.record = -1};
	if (o.recipe && o.config)
		die(EXIT_USAGE, "--recipe and --config exclude each other: what a recipe sets, --dump-config prints");
	as_recipe_default(&r);
	asked = r;
	set_options(&asked);
	if (o.recipe && as_recipe_preset(&r, o.recipe, asked.method, &err))
		die_error(NULL, &err);
	if (o.config) {
		if (as_text_read(o.config, AS_PATH_FILE | AS_PATH_PIPE, MAX_CONFIG, &config, &err))
			die_error(NULL, &err);
		if (as_recipe_parse(&r, config, &err))
			die_error(o.config, &err);
	}
	recipe_batch = o.recipe || o.config ? r.batch : 0;
	set_options(&r);
	return r;
}

/* Sets what the configuration leaves to the stream. */
static void settle(struct as_recipe *r, int64_t size, uint64_t epochs, int64_t classes)
{
	struct as_error err;
	if (as_recipe_settle(r, size, epochs, classes, &err))
		die_configured(&err);
}

static void list_words(const char *title, const struct as_word *w, int n)
{
	for (int i = 0; i < n; i++)
		printf("    %-8s %-22s %s\n", title, w[i].name, w[i].says);
}

static void list_method(const struct as_method *m)
{
	char number[32];
	printf("  %s: %s\n", m->name, m->doc);
	for (int i = 0; i < m->nsetting; i++)
		printf("    %-8s %s=%-*s %s\n", "set", m->setting[i].name, (int)(21 - strlen(m->setting[i].name)),
		       as_format_f64(m->setting[i].preset, number), m->setting[i].doc);
	list_words("compat", m->compat, m->ncompat);
	list_words("recipe", m->recipe, m->nrecipe);
}

static void list_arch(const struct as_arch *a)
{
	printf("  %s: stems", a->name);
	for (const struct as_stem *s = a->stem; s->name; s++)
		printf("%s %s", s == a->stem ? "" : ",", s->name);
	printf("\n");
}

static void print_list(void)
{
	const char *name, *says;
	printf("methods (the first is the default)\n");
	for (int i = 0; as_methods[i]; i++)
		list_method(as_methods[i]);
	printf("heads\n");
	for (int i = 0; as_augs[i]; i++) {
		const struct as_compat *c = as_augs[i]->compat;
		if (as_augs[i]->ntarget)
			printf("  %s: %s\n", as_augs[i]->name, as_augs[i]->doc);
		if (c && !as_compat_draws(c))
			list_words("compat", &(struct as_word){c->word, c->doc}, 1);
	}
	printf("recipes\n");
	for (int i = 0; (name = as_recipe_name(i, &says)); i++)
		printf("  %s: %s\n", name, says);
	printf("backbones (the first is the default)\n");
	for (int i = 0; as_archs[i]; i++)
		list_arch(as_archs[i]);
	printf("optimizers (the first is the default)\n");
	for (int i = 0; as_optimizers[i]; i++)
		printf("  %s: %s\n", as_optimizers[i]->name, as_optimizers[i]->doc);
}

/* The ranks that train together; NULL: this program alone. Rank 0 leads: it writes the files, and speaks. */
static const struct as_world *world;

static bool leads(void)
{
	return !world || !world->rank;
}

/* Ends the program of all ranks for an error that all have found: rank 0 says it. */
AS_NORETURN static void die_together(const struct as_error *err)
{
	if (leads())
		die_error(NULL, err);
	ranks_end();
	exit(EXIT_DATA);
}

/* The state of the program: what is trained, from which stream, how far it is. */
struct run {
	struct as_reader *in;
	struct as_roles roles;
	struct as_pool *pool;
	struct as_trainer *trainer;
	struct as_trainlog log;
	struct as_trace *trace; /* NULL: none was asked for */
	uint64_t traced;        /* steps in it */
	char *source; /* what made the views, in the form that states store */
	struct as_schedule schedule;
	uint64_t before; /* the number of images that earlier runs were given */
	bool saved;   /* the state on disk has this step */
	bool alarmed; /* a collapse was reported in this epoch */
};

enum {
	FIND_SECONDS = 60,     /* for --find-batch */
	HASH_EVERY = 50,       /* steps between comparisons of ranks */
	TRACE_STEPS = 100,     /* of a timeline, */
	TRACE_SPANS = 1 << 20, /* or the first after so many spans, some 130 MB: with many threads a step has many */
};

/* Prints the plan, which batches fit, or the configuration if it can be trained. There is no stream, so it assumes one: 32
 * pixels if no size is given, as many epochs as needed, ten classes, every augmentation. */
static void print_without_views(const struct as_recipe *given)
{
	struct as_recipe r = *given;
	struct as_roles roles;
	struct as_engine engine = {.kern = as_kern_chosen(r.exact)};
	struct as_error err;
	struct as_trainer *t;
	int size = r.backbone.size ? (int)r.backbone.size : 32;
	settle(&r, size, (uint64_t)r.warmup + 1, 10);
	const struct as_method *m = as_method_find(r.method, NULL);
	if (as_layout_roles(m->use, m->nuse, size, &roles, &err) || as_pool_new(&engine.pool, threads_or_default(o.jobs), &err))
		die_configured(&err);
	if (o.find_batch) {
		r.grains = given->grains;
		find_batch(&r, &roles, &engine, o.images, o.time_limit ? ending_left() : FIND_SECONDS);
		as_pool_free(engine.pool);
		return;
	}
	if (as_trainer_new(&t, &r, &roles, &engine, false, &err))
		die_configured(&err);
	char *text = o.plan ? as_trainer_describe(t) : as_recipe_text(given);
	if (!text)
		die(EXIT_DATA, "no memory");
	fputs(text, stdout);
	free(text);
	as_trainer_free(t);
	as_pool_free(engine.pool);
}

/* Prints what is trained, and on what, for whoever looks at the terminal later. */
static void introduce(const struct run *run, const struct as_recipe *r)
{
	const struct as_progress *p = as_trainer_progress(run->trainer);
	bool heads = *r->augself && strcmp(r->augself, "none") != 0;
	inform("%s, %s stem, width %g, %lld px; %s%s%s%s; %.2f M parameters", r->backbone.arch, r->backbone.stem,
	       r->backbone.width, (long long)r->backbone.size, r->augself_only ? "" : r->method,
	       heads && !r->augself_only ? " + " : "", heads ? "AugSelf " : "", heads ? r->augself : "",
	       (double)as_trainer_params(run->trainer)->weights / 1e6);
	inform("%s kernels, %s, %d threads", as_kern_chosen(r->exact)->name, as_blas_core(), as_pool_threads(run->pool));
	progress_from(p->step * run->schedule.batch);
	if (p->step)
		inform("continues after step %llu, epoch %llu", (unsigned long long)p->step, (unsigned long long)p->epoch);
}

static void check_files(void)
{
	char times[4096]; /* if the log is a file, the file beside it */
	bool beside = o.log && as_path_ask(o.log, AS_PATH_PIPE | AS_PATH_DEVICE, NULL) != 1;
	snprintf(times, sizeof times, "%s.time.tsv", o.log ? o.log : "");
	const struct place place[] = {
		{"--output", o.model, true}, {"--state", o.state, true}, {"--log", o.log, true}, {"--trace", o.trace, true},
		{"the times of --log,", beside ? times : NULL, true}, {"--config", o.config, false},
		{"standard input,", "/dev/stdin", false},
	};
	check_places(place, (int)(sizeof place / sizeof *place));
}

/* Warns about what may be unintended; as_schedule_make refuses what is impossible. */
static void warn_doubts(const struct run *run, const struct as_recipe *r)
{
	struct as_names doubts = {.count = 0};
	struct as_error err;
	if (as_run_doubts(r, &run->roles, as_reader_header(run->in), &run->schedule, o.state ? o.every : 0, &doubts, &err))
		die_error(NULL, &err);
	for (int64_t i = 0; i < doubts.count; i++)
		warn("%s", as_names_at(&doubts, i));
	if (recipe_batch && recipe_batch != r->batch && !tool_given("base-lr"))
		warn("--batch %lld, where the recipe has %lld: the learning rate, base-lr x batch/256, is %.4g in place of %.4g "
		     "(--base-lr %.4g keeps that)", (long long)r->batch, (long long)recipe_batch, r->base_lr * (double)r->batch / 256,
		     r->base_lr * (double)recipe_batch / 256, r->base_lr * (double)recipe_batch / (double)r->batch);
	as_names_clear(&doubts);
}

/* Ends the program if another rank would compute or train otherwise. */
static void compare_ranks(const struct run *run, const struct as_recipe *r, const char *recipe)
{
	char facts[512];
	struct as_error err;
	if (!world)
		return;
	snprintf(facts, sizeof facts, "version: %s\nkernels: %s\nBLAS: %s\nrecipe: %016llx\nviews: %016llx\nsteps: %llu\nstate: "
		 "step %llu, %016llx\n", AS_VERSION, as_kern_chosen(r->exact)->name, as_blas_core(),
		 (unsigned long long)as_hash64(recipe, strlen(recipe)), (unsigned long long)as_hash64(run->source, strlen(run->source)),
		 (unsigned long long)o.steps, (unsigned long long)as_trainer_progress(run->trainer)->step,
		 (unsigned long long)as_trainer_hash(run->trainer));
	if (as_agree_facts(world, facts, &err))
		die_together(&err);
}

/* Opens the timeline, a file of each rank: ranks may have no disk in common, and what a rank did last is in its own
 * file also when another dies. */
static void open_trace(struct run *run)
{
	static struct as_traced_world traced;
	struct as_error err;
	char path[4096];
	if (!o.trace)
		return;
	if (leads())
		snprintf(path, sizeof path, "%s", o.trace);
	else
		snprintf(path, sizeof path, "%s.%d", o.trace, world->rank);
	if (as_trace_open(&run->trace, path, world ? world->rank : 0, as_pool_threads(run->pool), &err))
		die_error(NULL, &err);
	as_pool_record(run->pool, run->trace);
	if (world) {
		as_trace_world(&traced, world, run->trace);
		world = &traced.world;
	}
}

static void end_trace(const struct run *run)
{
	struct as_error err;
	if (as_trace_end_file(run->trace, &err))
		die_error(NULL, &err);
}

static void start(struct run *run, struct as_recipe *r)
{
	struct as_error err;
	if (o.state && as_path_ask(o.state, AS_PATH_FILE, &err) < 0)
		die_error(NULL, &err);
	if (o.state && leads())
		hold_file(o.state);
	run->in = open_input("view");
	const struct as_header *h = as_reader_header(run->in);
	if (as_roles_of_header(h, &run->roles, &err))
		die(EXIT_DATA, "%s: %s", as_reader_name(run->in), err.text);
	settle(r, run->roles.role[0].size, h->epochs, h->classes.count);
	run->source = as_source_text(h);
	if (!run->source)
		die(EXIT_DATA, "no memory");
	if (as_schedule_make(&run->schedule, h, r, o.steps, &err) || as_pool_new(&run->pool, threads_or_default(o.jobs), &err))
		die_configured(&err);
	open_trace(run);
	if (as_trainer_new(&run->trainer, r, &run->roles, &(struct as_engine){as_kern_chosen(r->exact), run->pool, 1, world}, true, &err))
		die_configured(&err);
	int rc = o.state ? as_trainer_resume(run->trainer, o.state, run->source, &err) : AS_ENONE;
	if (rc && rc != AS_ENONE)
		die_error(NULL, &err);
	if (!rc) {
		uint64_t step = as_trainer_progress(run->trainer)->step;
		if (step > o.steps)
			die(EXIT_USAGE, "%s: is at step %llu, beyond --steps %llu: more steps, or another --state", o.state,
			    (unsigned long long)step, (unsigned long long)o.steps);
		run->saved = true;
		run->before = as_header_before(h, as_trainer_progress(run->trainer)->seq);
	}
	char *text = as_recipe_text(r);
	if (!text)
		die(EXIT_DATA, "no memory");
	compare_ranks(run, r, text);
	as_trace_start(run->trace);
	if (leads())
		warn_doubts(run, r);
	introduce(run, r);
	if (o.log && leads() && as_trainlog_open(&run->log, o.log, text, run->trainer, &run->schedule, &err))
		die_error(NULL, &err);
	free(text);
}

/* Runs the hook, with closed stdin and our stderr as its stdout; a failure is a warning. */
static void run_hook(const struct as_progress *p)
{
	char step[24], epoch[24];
	snprintf(step, sizeof step, "%llu", (unsigned long long)p->step);
	snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)p->epoch);
	fflush(NULL);
	pid_t child = fork();
	if (!child) {
		setenv("AUGSELF_STATE", o.state, 1);
		setenv("AUGSELF_STEP", step, 1);
		setenv("AUGSELF_EPOCH", epoch, 1);
		close(0);
		dup2(2, 1);
		signal(SIGPIPE, SIG_DFL);
		execl("/bin/sh", "sh", "-c", o.on_checkpoint, (char *)NULL);
		_exit(127);
	}
	int status = 0;
	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		warn("--on-checkpoint: the command failed (status %d)", WIFEXITED(status) ? WEXITSTATUS(status) : status);
}

/* Ends the program if a rank's parameters are not those of the others. */
static void check_ranks(const struct run *run)
{
	struct as_error err;
	if (world && as_agree_hash(world, as_trainer_hash(run->trainer), as_trainer_progress(run->trainer)->step, &err))
		die_together(&err);
}

static void save_state(struct run *run)
{
	struct as_error err;
	double began = ending_clock();
	if (run->saved || !o.state)
		return;
	check_ranks(run);
	run->saved = true;
	if (!leads())
		return;
	as_trace_begin(run->trace, "file", "state", -1);
	if (run->log.file && as_trainlog_flush(&run->log, &err))
		die_error(o.log, &err);
	if (as_trainer_save(run->trainer, o.state, run->source, &err))
		die_error(NULL, &err);
	as_trace_end(run->trace);
	if (o.on_checkpoint)
		run_hook(as_trainer_progress(run->trainer));
	ending_took(0, ending_clock() - began);
}

static void watch_collapse(struct run *run, const struct as_outcome *out)
{
	const struct as_progress *p = as_trainer_progress(run->trainer);
	if (run->alarmed || !as_trainer_collapsed(run->trainer, out))
		return;
	warn("collapse: at step %llu, epoch %llu the features' spread is %.3g (1: spread out, 0: all alike), was %.3g at the "
	     "start; cosine of different images %.3g", (unsigned long long)p->step, (unsigned long long)p->epoch,
	     out->figures.spread, p->spread, out->figures.apart);
	run->alarmed = true;
}

static void tell(const struct run *run, const struct as_outcome *out)
{
	const struct as_progress *p = as_trainer_progress(run->trainer);
	const struct as_schedule *s = &run->schedule;
	uint64_t total = s->goal < UINT64_MAX ? s->goal : s->steps;
	char more[128];
	snprintf(more, sizeof more, "epoch %llu, loss %.4f, lr %.4g", (unsigned long long)p->epoch, out->loss, out->lr);
	progress(p->step * s->batch, total * s->batch, "images", more);
}

/* Warns if the first batch has only one class, as from class folders without --shuffle. */
static void doubt_order(const struct run *run, const struct as_batch *b)
{
	const struct as_names *classes = &as_reader_header(run->in)->classes;
	int64_t same = 0;
	while (same < b->n && b->label[same] == b->label[0])
		same++;
	if (same < b->n || b->n < 8 || classes->count < 2 || b->label[0] < 0)
		return;
	const char *name = as_names_at(classes, b->label[0]);
	warn("%s: all %lld images of the first batch are of class '%s'; where classes come one after the other, img-read "
	     "--shuffle mixes them", as_reader_name(run->in), (long long)b->n, name ? name : "?");
}

static void step(struct run *run, const struct as_batch *b)
{
	struct as_error err;
	struct as_outcome out;
	const struct as_progress *p = as_trainer_progress(run->trainer);
	uint64_t was = p->epoch;
	bool first = !p->step;
	if (first && leads())
		doubt_order(run, b);
	if (!first && b->epoch != was && !o.every)
		save_state(run);
	run->alarmed = run->alarmed && b->epoch == was;
	double began = ending_clock();
	bool logged = first || (p->step + 1) % o.log_every == 0;
	as_trace_begin(run->trace, "step", "step", -1);
	if (as_trainer_step(run->trainer, b, &out, &err))
		die_error(as_reader_name(run->in), &err);
	as_trace_end(run->trace);
	run->saved = false;
	double rank = logged && o.log ? as_trainer_rank(run->trainer, &out) : 0;
	if (logged && run->log.file && as_trainlog_put(&run->log, run->trainer, &out, rank, &err))
		die_error(o.log, &err);
	if (p->step % HASH_EVERY == 0)
		check_ranks(run);
	if (leads())
		watch_collapse(run, &out);
	tell(run, &out);
	ending_took(ending_clock() - began, 0);
	if (ending_wants_state() || (o.every && p->step % o.every == 0))
		save_state(run);
	if (++run->traced >= TRACE_STEPS || as_trace_spans(run->trace) > TRACE_SPANS)
		end_trace(run);
}

enum { FAILED = 1000 /* as a reason to stop: not a signal */ };

/* The next batch, when all ranks have their block of it. 0: the end, for all; <0: the error, of this rank or of
 * another, whose code is AS_ENONE. */
static int next_batch(const struct run *run, struct as_feed *feed, const struct as_batch **batch, struct as_error *err)
{
	struct as_error other;
	uint64_t stop = 0;
	as_trace_begin(run->trace, "stream", "wait for a batch", -1);
	int rc = as_feed_next(feed, &ending, batch, err);
	as_trace_end(run->trace);
	struct as_turn turn = {.stop = rc < 0 ? FAILED : (uint64_t)ending, .ready = rc > 0};
	if (rc > 0) {
		turn.epoch = (*batch)->epoch;
		turn.seq = (*batch)->next_seq;
	}
	int go = as_agree_turn(world, &turn, &stop, &other);
	if (rc < 0)
		return rc;
	if (stop == FAILED || (go < 0 && !leads()))
		return as_fail(err, AS_ENONE, "another rank says why");
	if (go < 0)
		*err = other;
	ending = ending ? ending : (sig_atomic_t)stop;
	return go;
}

/* Trains until the stream ends, to --steps, or until a signal. Returns 0 or the error. */
static int train(struct run *run, struct as_error *err)
{
	const struct as_progress *p = as_trainer_progress(run->trainer);
	const struct as_batch *batch;
	struct as_feed *feed;
	if (p->step >= o.steps)
		return 0;
	int rc = as_feed_open(&feed, as_trainer_engine(run->trainer), run->in, as_trainer_layout(run->trainer), p->seq, err);
	if (rc)
		return rc;
	while (p->step < o.steps && (rc = next_batch(run, feed, &batch, err)) > 0)
		step(run, batch);
	as_feed_close(feed);
	if (rc < 0)
		ending_wait();
	else if (!ending)
		ending_done();
	return rc < 0 && !ending ? rc : 0;
}

/* How long a state may take while none was written: at 50 MB a second, which any disk writes. */
static double save_guess(const struct run *run)
{
	const struct as_params *p = as_trainer_params(run->trainer), *ema = as_trainer_ema(run->trainer);
	return (double)((1 + p->nslot) * p->weights + p->buffers + ema->weights + ema->buffers) * sizeof(float) / 50e6;
}

static void save_model(const struct run *run, uint64_t steps)
{
	struct as_error err;
	uint64_t seal;
	if (as_trainer_model(run->trainer, o.model, run->source, &seal, &err))
		die_error(NULL, &err);
	inform("sealed %016llx model of %llu steps", (unsigned long long)seal, (unsigned long long)steps);
}

/* Ends a run that stopped before its schedule: no model is written. */
AS_NORETURN static void die_unfinished(const struct run *run, const struct as_error *err)
{
	uint64_t steps = as_trainer_progress(run->trainer)->step;
	if (!steps)
		die(EXIT_DATA, "%s: %s", as_reader_name(run->in), err->text);
	die(EXIT_DATA, "%s: %s; no model is written (with --steps %llu, one is)", as_reader_name(run->in), err->text,
	    (unsigned long long)steps);
}

static void finish(struct run *run)
{
	struct as_error err;
	const struct as_progress *p = as_trainer_progress(run->trainer);
	struct as_seal seal = as_reader_seal(run->in);
	struct as_error early;
	bool whole = ending || !as_schedule_ended(&run->schedule, p->step, p->epoch, seal, run->before, &early);
	if (!ending && whole && o.model && leads())
		save_model(run, p->step);
	if (run->log.file && !ending && whole && as_trainlog_end(&run->log, run->trainer, &err))
		die_error(o.log, &err);
	if (run->log.file && as_trainlog_close(&run->log, &err))
		die_error(o.log, &err);
	progress_end(p->step * run->schedule.batch, "images");
	if (!whole && leads())
		die_unfinished(run, &early);
	if (ending && o.state)
		inform("%s: ended after step %llu; the same command line goes on from %s", ending_name(), (unsigned long long)p->step,
		       o.state);
	else if (ending && leads())
		warn("%s: ended after step %llu; without --state nothing is kept", ending_name(), (unsigned long long)p->step);
	as_trainer_free(run->trainer);
	as_pool_free(run->pool);
	as_trace_free(run->trace);
	as_reader_close(run->in);
	free(run->source);
}

int main(int argc, char **argv)
{
	struct run run = {0};
	struct as_error err;
	int count;
	collect_options();
	tool_begin(&tool, argc, argv, &count);
	world = ranks_begin();
	if (!leads())
		manners = (struct manners){.quiet = true, .no_progress = true};
	struct as_recipe recipe = configure();
	if (o.images && !o.find_batch)
		die(EXIT_USAGE, "--images: is for --find-batch alone");
	if (o.time_limit)
		ending_limit(o.time_limit);
	if (o.list || o.dump_config || o.plan || o.find_batch) {
		o.list ? print_list() : print_without_views(&recipe);
		return finish_text();
	}
	if (as_blas_complaint() && leads())
		warn("%s", as_blas_complaint());
	if (!o.model && !o.state)
		die(EXIT_USAGE, "neither --output nor --state, so nothing would be kept: add -o model.safetensors");
	if (o.on_checkpoint && !o.state)
		die(EXIT_USAGE, "--on-checkpoint runs after each state: add --state FILE");
	if (o.time_limit && !o.state)
		die(EXIT_USAGE, "--time-limit ends at a state: add --state FILE");
	if (leads())
		check_files();
	start(&run, &recipe);
	ending_catch(save_guess(&run));
	int rc = train(&run, &err);
	save_state(&run);
	end_trace(&run);
	if (rc && rc != AS_ENONE)
		die_error(as_reader_name(run.in), &err);
	if (!rc)
		finish(&run);
	ranks_end();
	if (rc)
		return EXIT_DATA; /* another rank has said why */
	if (ending)
		ending_now();
	return 0;
}
