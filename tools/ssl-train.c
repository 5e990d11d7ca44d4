/* ssl-train: views in, a representation out. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aug/policy.h"
#include "base/file.h"
#include "common.h"
#include "kern/gemm.h"
#include "ssl/log.h"
#include "ssl/trainer.h"

static struct {
	const char *arch, *stem, *method, *set, *augself, *state, *model, *log, *on_checkpoint;
	double width, base_lr, momentum, wd;
	bool augself_only, no_decay_norm, plan;
	uint64_t head_hidden, batch, warmup, epochs, seed, jobs, steps, every, log_every, size;
} o = {
	.arch = "resnet18", .stem = "cifar", .method = "simsiam", .set = "", .augself = "", .width = 1,
	.base_lr = .03, .momentum = .9, .wd = 5e-4, .head_hidden = 512, .batch = 256, .steps = UINT64_MAX,
	.log_every = 10, .size = 32,
};

static const struct opt opts[] = {
	{'m', "method", OPT_TEXT, &o.method, "NAME", "simsiam", 0, 0, true},
	{0, "set", OPT_TEXT, &o.set, "NAME=V,...", "settings of the method (hidden, bottleneck, layers)", 0, 0, true},
	{'a', "augself", OPT_TEXT, &o.augself, "NAME=W,...", "AugSelf heads and weights, e.g. crop=1,color=1", 0, 0, true},
	{0, "augself-only", OPT_FLAG, &o.augself_only, NULL, "train the heads' losses alone", 0, 0, true},
	{0, "head-hidden", OPT_U64, &o.head_hidden, "N", "width of the heads' hidden layers (default 512)", 1, 65536, true},
	{0, "arch", OPT_TEXT, &o.arch, "NAME", "resnet18 (default), resnet34, resnet50", 0, 0, true},
	{0, "stem", OPT_TEXT, &o.stem, "NAME", "cifar (default): 3x3, no pool; imagenet: 7x7/2 and max-pool", 0, 0, true},
	{'w', "width", OPT_F64, &o.width, "X", "multiplies the backbone's channels (default 1)", .015625, 8, true},
	{'b', "batch", OPT_U64, &o.batch, "N", "images a step (default 256)", 2, 65536, true},
	{0, "base-lr", OPT_F64, &o.base_lr, "X", "learning rate at batch 256 (default 0.03)", 0, 1000, true},
	{0, "momentum", OPT_F64, &o.momentum, "X", "of SGD (default 0.9)", 0, 1, true},
	{0, "wd", OPT_F64, &o.wd, "X", "weight decay (default 5e-4)", 0, 1, true},
	{0, "no-decay-norm", OPT_FLAG, &o.no_decay_norm, NULL, "no weight decay on batch norm and biases", 0, 0, true},
	{0, "warmup", OPT_U64, &o.warmup, "N", "epochs of linear warm-up (default 0)", 0, 100000, true},
	{0, "epochs", OPT_U64, &o.epochs, "N", "epochs of the schedule (default: the stream's)", 1, 1000000, true},
	OPT_SEED(o.seed),
	{0, "steps", OPT_U64, &o.steps, "N", "end after N steps in all; 0: the random start", 0, 1e15, false},
	{0, "state", OPT_TEXT, &o.state, "FILE", "resumable state: goes on from it when it is there", 0, 0, false},
	{'o', "output", OPT_TEXT, &o.model, "FILE", "the model, written once at the end", 0, 0, false},
	{0, "every", OPT_U64, &o.every, "N", "steps between states (default: an epoch)", 1, 1e15, false},
	{0, "on-checkpoint", OPT_TEXT, &o.on_checkpoint, "CMD", "run after each state, with AUGSELF_STATE, _STEP, _EPOCH", 0, 0, false},
	{'l', "log", OPT_TEXT, &o.log, "FILE", "log as TSV; times go to FILE.time.tsv", 0, 0, false},
	{0, "log-every", OPT_U64, &o.log_every, "N", "steps between lines of the log (default 10)", 1, 1e9, false},
	{0, "plan", OPT_FLAG, &o.plan, NULL, "print operations, shapes, flops and bytes, and end", 0, 0, false},
	{0, "size", OPT_U64, &o.size, "N", "image size for --plan (default 32)", 1, 4096, false},
	OPT_JOBS(o.jobs),
	OPT_END,
};

static const struct tool tool = {
	.name = "ssl-train",
	.synopsis = "[options] --output MODEL < views",
	.doc = "Trains a representation on views, with AugSelf heads or without.",
	.opts = opts,
	.writes = false,
	.engine = as_blas_core,
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	stop = number;
}

static void catch_signals(void)
{
	struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART}; /* the hook is waited for all the same */
	sigemptyset(&a.sa_mask);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
}

static void put_text(const char *option, char *to, size_t room, const char *text)
{
	if (strlen(text) >= room)
		die(EXIT_USAGE, "--%s: '%.40s...' is too long", option, text);
	memcpy(to, text, strlen(text) + 1);
}

static struct as_recipe recipe_of(int size, uint64_t epochs)
{
	struct as_recipe r = {
	    .backbone = {.width = o.width, .size = size}, .augself_only = o.augself_only,
	    .head_hidden = (int64_t)o.head_hidden, .batch = (int64_t)o.batch, .base_lr = o.base_lr,
	    .momentum = o.momentum, .decay = o.wd, .spare_norm = o.no_decay_norm, .warmup = (int64_t)o.warmup,
	    .epochs = (int64_t)epochs, .seed = o.seed};
	put_text("arch", r.backbone.arch, sizeof r.backbone.arch, o.arch);
	put_text("stem", r.backbone.stem, sizeof r.backbone.stem, o.stem);
	put_text("method", r.method, sizeof r.method, o.method);
	put_text("set", r.settings, sizeof r.settings, o.set);
	put_text("augself", r.augself, sizeof r.augself, o.augself);
	if (o.warmup >= epochs)
		die(EXIT_USAGE, "--warmup: %llu epochs of %llu", (unsigned long long)o.warmup, (unsigned long long)epochs);
	return r;
}

/* What is being trained, from where, and how far it is. */
struct run {
	struct as_reader *in;
	struct as_policy policy;
	struct as_pool *pool;
	struct as_trainer *trainer;
	struct as_trainlog log;
	char *source; /* what made the views: policy and chain of the stream */
	uint64_t records; /* of an epoch */
	bool saved;   /* the state on disk is of this step */
	bool alarmed; /* a collapse was told in this epoch */
};

static char *source_text(const struct as_header *h)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		die(EXIT_DATA, "no memory");
	fputs(h->policy ? h->policy : "", f);
	for (int64_t i = 0; i < h->chain.count; i++)
		fprintf(f, "%s\n", as_names_at(&h->chain, i));
	if (fclose(f))
		die(EXIT_DATA, "no memory");
	return text;
}

static void print_plan(void)
{
	struct as_policy policy;
	struct as_error err;
	struct as_trainer *t;
	struct as_pool *pool;
	if (as_policy_preset("imagenet", &policy, &err))
		die_error(NULL, &err);
	struct as_recipe r = recipe_of((int)o.size, o.epochs ? o.epochs : 1);
	if (as_pool_new(&pool, threads_or_default(o.jobs), &err) ||
	    as_trainer_new(&t, &r, &policy, as_kern_chosen(), pool, false, &err))
		die_error(NULL, &err);
	char *text = as_trainer_describe(t);
	if (!text)
		die(EXIT_DATA, "no memory");
	fputs(text, stdout);
	free(text);
	as_trainer_free(t);
	as_pool_free(pool);
}

/* What runs, with what, for the record of whoever looks at the terminal later. */
static void introduce(const struct run *run, const struct as_recipe *r)
{
	const struct as_progress *p = as_trainer_progress(run->trainer);
	inform("%s, %s stem, width %g, %d px; %s%s%s; %.2f M parameters", r->backbone.arch, r->backbone.stem,
	       r->backbone.width, r->backbone.size, r->augself_only ? "" : r->method, *r->augself ? " + AugSelf " : "",
	       r->augself, (double)as_trainer_params(run->trainer)->weights / 1e6);
	inform("%s kernels, %s, %d threads", as_kern_chosen()->name, as_blas_core(), as_pool_lanes(run->pool));
	if (p->step)
		inform("goes on after step %llu, epoch %llu", (unsigned long long)p->step, (unsigned long long)p->epoch);
}

/* Where the model cannot be written is better said before the training than after it. */
static void check_place(const char *path)
{
	struct as_error err;
	struct as_newfile file;
	struct stat st;
	if (!path || (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return;
	if (as_newfile_open(&file, path, &err))
		die_error(NULL, &err);
	as_newfile_abandon(&file);
}

static void start(struct run *run)
{
	struct as_error err;
	check_place(o.model);
	check_place(o.state);
	run->in = open_input("view");
	const struct as_header *h = as_reader_header(run->in);
	uint64_t epochs = o.epochs ? o.epochs : h->epochs;
	run->records = h->records;
	if (!h->policy || as_policy_parse(h->policy, &run->policy, &err))
		die(EXIT_DATA, "%s: policy: %s", as_reader_name(run->in), h->policy ? err.text : "the header has none");
	if (!epochs)
		die(EXIT_USAGE, "--epochs: needed, for the stream is endless");
	run->source = source_text(h);
	struct as_recipe r = recipe_of(run->policy.size, epochs);
	if (as_pool_new(&run->pool, threads_or_default(o.jobs), &err) ||
	    as_trainer_new(&run->trainer, &r, &run->policy, as_kern_chosen(), run->pool, true, &err))
		die_error(NULL, &err);
	if (o.state && !access(o.state, F_OK)) {
		if (as_trainer_resume(run->trainer, o.state, run->source, &err))
			die_error(NULL, &err);
		run->saved = true;
	}
	introduce(run, &r);
	char *text = as_recipe_text(&r);
	if (o.log && as_trainlog_open(&run->log, o.log, text, run->trainer, &err))
		die_error(NULL, &err);
	free(text);
}

/* The hook's stdin is closed and its stdout is our stderr; a failure is a warning. */
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

static void save_state(struct run *run)
{
	struct as_error err;
	if (run->saved || !o.state)
		return;
	if (run->log.file && as_trainlog_flush(&run->log, &err))
		die_error(o.log, &err);
	if (as_trainer_save(run->trainer, o.state, run->source, &err))
		die_error(NULL, &err);
	run->saved = true;
	if (o.on_checkpoint)
		run_hook(as_trainer_progress(run->trainer));
}

/* SPEC section 4: after the first epoch, a tenth of the spread is a collapse. */
static void watch_collapse(struct run *run, const struct as_outcome *out)
{
	const struct as_progress *p = as_trainer_progress(run->trainer);
	if (p->epoch < 1 || out->figures.spread >= .1 || run->alarmed)
		return;
	warn("collapse: at step %llu, epoch %llu the features' spread is %.3g (1: spread out, 0: all alike)",
	     (unsigned long long)p->step, (unsigned long long)p->epoch, out->figures.spread);
	run->alarmed = true;
}

static void tell(const struct run *run, const struct as_outcome *out)
{
	const struct as_progress *p = as_trainer_progress(run->trainer);
	uint64_t epochs = as_reader_header(run->in)->epochs;
	uint64_t total = run->records && epochs ? run->records / o.batch * epochs * o.batch : 0;
	char more[128];
	snprintf(more, sizeof more, "epoch %llu, loss %.4f, lr %.4g", (unsigned long long)p->epoch, out->loss, out->lr);
	progress(p->step * o.batch, total, "images", more);
}

static void step(struct run *run, const struct as_batch *b)
{
	struct as_error err;
	struct as_outcome out;
	const struct as_progress *p = as_trainer_progress(run->trainer);
	uint64_t was = p->epoch;
	bool first = !p->step;
	if (!first && b->epoch != was && !o.every)
		save_state(run);
	run->alarmed = run->alarmed && b->epoch == was;
	bool logged = first || (p->step + 1) % o.log_every == 0;
	if (as_trainer_step(run->trainer, b, logged, &out, &err))
		die_error(as_reader_name(run->in), &err);
	run->saved = false;
	if (logged && run->log.file && as_trainlog_put(&run->log, p, &out, &err))
		die_error(o.log, &err);
	if (logged)
		watch_collapse(run, &out);
	tell(run, &out);
	if (o.every && p->step % o.every == 0)
		save_state(run);
}

/* Views that were trained on already: a source that began again, without --after. */
static int check_order(const struct as_progress *p, const struct as_batch *b, struct as_error *err)
{
	if (b->first_seq >= p->seq)
		return 0;
	return as_fail(err, AS_EDATA, "views from seq %llu, but training is at seq %llu: does the source have --after?",
		       (unsigned long long)b->first_seq, (unsigned long long)p->seq);
}

/* Trains to the stream's end, to --steps, or until a signal. 0, or the error. */
static int train(struct run *run, struct as_error *err)
{
	const struct as_progress *p = as_trainer_progress(run->trainer);
	const struct as_batch *batch;
	struct as_feed *feed;
	bool resumed = p->step > 0;
	if (p->step >= o.steps)
		return 0;
	int rc = as_feed_open(&feed, run->in, &run->policy, (int64_t)o.batch, err);
	if (rc)
		return rc;
	while (p->step < o.steps && !stop && (rc = as_feed_next(feed, &stop, &batch, err)) > 0) {
		if (resumed && (rc = check_order(p, batch, err)) < 0)
			break;
		resumed = false;
		step(run, batch);
	}
	as_feed_close(feed);
	return rc < 0 && !stop ? rc : 0;
}

static void save_model(const struct run *run, uint64_t steps)
{
	struct as_error err;
	uint64_t hash;
	struct stat st;
	if (as_trainer_model(run->trainer, o.model, run->source, &err))
		die_error(NULL, &err);
	if (!stat(o.model, &st) && !S_ISREG(st.st_mode))
		return; /* a device or a pipe cannot be read again */
	if (as_file_hash(o.model, &hash, &err))
		die_error(NULL, &err);
	inform("sealed %016llx model of %llu steps", (unsigned long long)hash, (unsigned long long)steps);
}

static void finish(struct run *run)
{
	struct as_error err;
	uint64_t steps = as_trainer_progress(run->trainer)->step;
	if (!stop && !steps && o.steps)
		die(EXIT_DATA, "%s: not one batch of %llu in an epoch", as_reader_name(run->in), (unsigned long long)o.batch);
	if (!stop && o.model)
		save_model(run, steps);
	if (o.log && as_trainlog_close(&run->log, &err))
		die_error(o.log, &err);
	progress_end(steps * o.batch, "images");
	as_trainer_free(run->trainer);
	as_pool_free(run->pool);
	as_reader_close(run->in);
	free(run->source);
}

int main(int argc, char **argv)
{
	struct run run = {0};
	struct as_error err;
	int count;
	tool_begin(&tool, argc, argv, &count);
	if (as_blas_complaint())
		warn("%s", as_blas_complaint());
	if (o.plan) {
		print_plan();
		return finish_text();
	}
	if (!o.model && !o.state)
		die(EXIT_USAGE, "neither --output nor --state: nothing would be kept; see ssl-train --help");
	if (o.on_checkpoint && !o.state)
		die(EXIT_USAGE, "--on-checkpoint: needs --state");
	start(&run);
	catch_signals();
	int rc = train(&run, &err);
	save_state(&run);
	if (rc)
		die_error(as_reader_name(run.in), &err);
	finish(&run);
	if (stop) {
		signal((int)stop, SIG_DFL);
		raise((int)stop);
	}
	return 0;
}
