#include "ssl/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum { MAX_HEAD = 8192 /* bytes of a recipe at most */ };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The last columns, which logs and times of earlier programs have not. */
static const char RANK[] = "\trank", OF[] = "\tof";

/* The line with the names of the columns, malloc'd. */
static char *heading(const struct as_trainer *t)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fputs("step\tepoch\tloss", f);
	for (int i = 0; as_trainer_part(t, i); i++)
		fprintf(f, "\t%s", as_trainer_part(t, i));
	fprintf(f, "\tlr\tspread\ttogether\tapart%s\n", RANK);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

/* The lines before the first step's: the recipe, each line after "# ", or no recipe, then the names of the
 * columns, of which earlier programs had not the last. */
struct head {
	const char *recipe, *columns, *last;
};

static void put_head(FILE *f, const struct head *h)
{
	for (const char *line = h->recipe; *line; line += strcspn(line, "\n") + 1)
		fprintf(f, "# %.*s\n", (int)strcspn(line, "\n"), line);
	fputs(h->columns, f);
}

static int another_run(const char *was, const char *now, const char *mark, struct as_error *err)
{
	return as_fail(err, AS_EARG, "the log of another run: it has '%s%.*s' where this one has '%s%.*s'; give another --log", mark,
		       (int)strcspn(was, "\n"), was, mark, (int)strcspn(now, "\n"), now);
}

static int check_recipe(const char *said, const char *recipe, struct as_error *err)
{
	char *whole = as_recipe_whole(said, err);
	const char *a = whole, *b = recipe;
	if (!whole)
		return as_fail_within(err, "the log of another run");
	int rc = as_text_differ(&a, &b) ? another_run(a, b, "# ", err) : 0;
	free(whole);
	return rc;
}

/* Whether these are the columns without the last. */
static bool is_earlier(const char *line, const struct head *h)
{
	size_t n = strcspn(line, "\n"), last = strlen(h->last);
	return !strncmp(line, h->columns, n) && !strncmp(h->columns + n, h->last, last) && !strcmp(h->columns + n + last, "\n");
}

/* Whether the log begins with this head. 1: yes; 2: with that of an earlier program, without the last column; 0: it ends
 * within the head, because the run was killed at its start; <0: it belongs to another run. */
static int check_head(FILE *f, const struct head *h, struct as_error *err)
{
	char line[1024], said[MAX_HEAD] = "";
	size_t used = 0;
	for (;;) {
		if (!fgets(line, sizeof line, f) || !strchr(line, '\n'))
			return 0;
		if (line[0] != '#')
			break;
		used += (size_t)snprintf(said + used, sizeof said - used, "%s", line + strspn(line, "# "));
		if (used >= sizeof said)
			return as_fail(err, AS_EARG, "the log of another run: no recipe is that long");
	}
	int rc = *h->recipe ? check_recipe(said, h->recipe, err) : 0;
	if (rc)
		return rc;
	if (is_earlier(line, h))
		return 2;
	return strcmp(line, h->columns) ? another_run(line, h->columns, "", err) : 1;
}

/* Where the first line of a later step begins. Such lines were written by a run that was killed after its
 * last state; an incomplete last line is cut off too. */
static long end_of_step(FILE *f, uint64_t step)
{
	char line[1024];
	long end = ftell(f);
	while (fgets(line, sizeof line, f)) {
		char *stop;
		unsigned long long at = strtoull(line, &stop, 10);
		if (!strchr(line, '\n') || (stop != line && at > step))
			break;
		end = ftell(f);
	}
	return end;
}

/* A device or a pipe cannot be shortened, and has no file beside it. */
static bool is_file(const char *path)
{
	return as_path_ask(path, AS_PATH_FILE, NULL) >= 0;
}

/* Opens one file. The log of a resumed run ends from now on after the state's step; a new log, and every device or
 * pipe, gets its head. Returns 2 if the log goes on without the last column. Each line is written as soon as it is whole, so
 * that somebody can look at a run. */
static int open_one(FILE **out, const char *path, unsigned kinds, uint64_t step, const struct head *head,
		    struct as_error *err)
{
	int there = as_path_ask(path, kinds, err);
	if (there < 0)
		return there;
	bool old = step && there && is_file(path);
	FILE *f = fopen(path, old ? "r+" : "w");
	if (!f)
		return as_fail_errno(err, "%s", path);
	setvbuf(f, NULL, _IOLBF, BUFSIZ);
	int kept = old ? check_head(f, head, err) : 0;
	long end = kept > 0 ? end_of_step(f, step) : 0;
	if (kept < 0)
		as_fail_within(err, "%s", path);
	else if (old && (fseek(f, end, SEEK_SET) || ftruncate(fileno(f), end)))
		kept = as_fail_errno(err, "%s", path);
	if (kept < 0) {
		fclose(f);
		return kept;
	}
	if (!kept)
		put_head(f, head);
	*out = f;
	return kept == 2 ? 2 : 0;
}

/* The steps that there will be, or 0. */
static uint64_t steps_of(const struct as_schedule *s)
{
	return s->goal < UINT64_MAX ? s->goal : s->steps;
}

int as_trainlog_open(struct as_trainlog *log, const char *path, const char *recipe, const struct as_trainer *t,
		     const struct as_schedule *schedule, struct as_error *err)
{
	char times[4096], *columns;
	uint64_t step = as_trainer_progress(t)->step;
	if ((size_t)snprintf(times, sizeof times, "%s.time.tsv", path) >= sizeof times)
		return as_fail(err, AS_EARG, "%.60s...: the name is too long", path);
	*log = (struct as_trainlog){
		.began = now(), .first = step, .timed = step, .batch = schedule->batch, .steps = steps_of(schedule)};
	if (!(columns = heading(t)))
		return as_fail(err, AS_EMEM, "%s: no memory", path);
	int rc = open_one(&log->file, path, AS_PATH_FILE | AS_PATH_PIPE | AS_PATH_DEVICE, step,
			  &(struct head){recipe, columns, RANK}, err);
	free(columns);
	if (rc < 0)
		return rc;
	log->rank = rc != 2;
	if (!is_file(path))
		return 0;
	rc = open_one(&log->times, times, AS_PATH_FILE, step, &(struct head){"", "step\tseconds\timages/s\tof\n", OF}, err);
	if (rc < 0) {
		fclose(log->file);
		*log = (struct as_trainlog){0};
		return rc;
	}
	log->of = rc != 2;
	return 0;
}

/* A line of times: of this step, of so many. */
static void put_time(struct as_trainlog *log, uint64_t step, uint64_t of)
{
	double seconds = now() - log->began, images = (double)((step - log->first) * log->batch);
	fprintf(log->times, "%llu\t%.2f\t%.1f", (unsigned long long)step, seconds, images / seconds);
	if (log->of)
		fprintf(log->times, "\t%llu", (unsigned long long)of);
	fputc('\n', log->times);
	log->timed = step;
}

int as_trainlog_put(struct as_trainlog *log, const struct as_trainer *t, const struct as_outcome *out, double rank,
		  struct as_error *err)
{
	const struct as_progress *p = as_trainer_progress(t);
	fprintf(log->file, "%llu\t%llu\t%.7g", (unsigned long long)p->step, (unsigned long long)p->epoch, out->loss);
	for (int i = 0; i < out->step.nparts; i++)
		fprintf(log->file, "\t%.7g", out->step.part[i].value);
	fprintf(log->file, "\t%.6g\t%.5f\t%.5f\t%.5f", out->lr, out->figures.spread, out->figures.together,
		out->figures.apart);
	if (log->rank)
		fprintf(log->file, "\t%.3f", rank);
	fputc('\n', log->file);
	if (log->times)
		put_time(log, p->step, log->steps);
	return ferror(log->file) || (log->times && ferror(log->times)) ? as_fail_errno(err, "log") : 0;
}

int as_trainlog_end(struct as_trainlog *log, const struct as_trainer *t, struct as_error *err)
{
	uint64_t step = as_trainer_progress(t)->step;
	if (log->times && log->of && step > log->first && (step != log->timed || step != log->steps))
		put_time(log, step, step);
	return log->times && ferror(log->times) ? as_fail_errno(err, "log") : 0;
}

int as_trainlog_flush(struct as_trainlog *log, struct as_error *err)
{
	if (fflush(log->file) || (log->times && fflush(log->times)))
		return as_fail_errno(err, "log");
	fsync(fileno(log->file)); /* errors are ignored: a device cannot be synced */
	return 0;
}

int as_trainlog_close(struct as_trainlog *log, struct as_error *err)
{
	bool bad = ferror(log->file) || (log->times && ferror(log->times));
	bad = fclose(log->file) || bad;
	bad = (log->times && fclose(log->times)) || bad;
	*log = (struct as_trainlog){0};
	return bad ? as_fail_errno(err, "log") : 0;
}
