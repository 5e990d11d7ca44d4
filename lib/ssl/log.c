#include "ssl/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The lines before the first step's, malloc'd. */
static char *head_text(const char *recipe, const struct as_trainer *t)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	while (*recipe) {
		size_t n = strcspn(recipe, "\n");
		fprintf(f, "# %.*s\n", (int)n, recipe);
		recipe += n + (recipe[n] == '\n');
	}
	fputs("step\tepoch\tloss", f);
	for (int i = 0; as_trainer_part(t, i); i++)
		fprintf(f, "\t%s", as_trainer_part(t, i));
	fputs("\tlr\tspread\ttogether\tapart\n", f);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

/* Whether the log begins with this head: 1; 0 when it ends within, as one of a run that was
 * killed at its start; AS_EARG when it is another run's. */
static int check_head(FILE *f, const char *head, struct as_error *err)
{
	char line[1024];
	while (*head) {
		size_t n = strcspn(head, "\n");
		if (!fgets(line, sizeof line, f) || !strchr(line, '\n'))
			return 0;
		if (strncmp(line, head, n) || line[n] != '\n')
			return as_fail(err, AS_EARG, "the log of another run: it has '%.*s' where this one has '%.*s'",
				       (int)strcspn(line, "\n"), line, (int)n, head);
		head += n + 1;
	}
	return 1;
}

/* Where the first line of a later step begins: what follows was written by a run
 * that was killed after its last state. A torn last line goes too. */
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

/* Not a device or a pipe, which can neither be cut nor have a neighbour. */
static bool is_file(const char *path)
{
	return as_path_ask(path, AS_PATH_FILE, NULL) >= 0;
}

/* One that there was of a resumed run is cut behind the state's step; a new one, as every
 * device and pipe is, gets its head. */
static int open_one(FILE **out, const char *path, unsigned kinds, uint64_t step, const char *head,
		    struct as_error *err)
{
	int there = as_path_ask(path, kinds, err);
	if (there < 0)
		return there;
	bool old = step && there && is_file(path);
	FILE *f = fopen(path, old ? "r+" : "w");
	if (!f)
		return as_fail_errno(err, "%s", path);
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
		fputs(head, f);
	*out = f;
	return 0;
}

int as_trainlog_open(struct as_trainlog *log, const char *path, const char *recipe, const struct as_trainer *t,
		   struct as_error *err)
{
	char times[4096], *head;
	uint64_t step = as_trainer_progress(t)->step;
	if ((size_t)snprintf(times, sizeof times, "%s.time.tsv", path) >= sizeof times)
		return as_fail(err, AS_EARG, "%.60s...: the name is too long", path);
	*log = (struct as_trainlog){.began = now(), .first = step};
	if (!(head = head_text(recipe, t)))
		return as_fail(err, AS_EMEM, "%s: no memory", path);
	int rc = open_one(&log->file, path, AS_PATH_FILE | AS_PATH_PIPE | AS_PATH_DEVICE, step, head, err);
	free(head);
	if (rc)
		return rc;
	if (is_file(path) && (rc = open_one(&log->times, times, AS_PATH_FILE, step, "step\tseconds\timages/s\n", err))) {
		fclose(log->file);
		*log = (struct as_trainlog){0};
	}
	return rc;
}

int as_trainlog_put(struct as_trainlog *log, const struct as_progress *p, const struct as_outcome *out,
		  struct as_error *err)
{
	double seconds = now() - log->began, images = (double)((p->step - log->first) * (uint64_t)out->step.batch);
	fprintf(log->file, "%llu\t%llu\t%.7g", (unsigned long long)p->step, (unsigned long long)p->epoch, out->loss);
	for (int i = 0; i < out->step.nparts; i++)
		fprintf(log->file, "\t%.7g", out->step.part[i].value);
	fprintf(log->file, "\t%.6g\t%.5f\t%.5f\t%.5f\n", out->lr, out->figures.spread, out->figures.together,
		out->figures.apart);
	if (log->times)
		fprintf(log->times, "%llu\t%.2f\t%.1f\n", (unsigned long long)p->step, seconds, images / seconds);
	return ferror(log->file) || (log->times && ferror(log->times)) ? as_fail_errno(err, "log") : 0;
}

int as_trainlog_flush(struct as_trainlog *log, struct as_error *err)
{
	if (fflush(log->file) || (log->times && fflush(log->times)))
		return as_fail_errno(err, "log");
	fsync(fileno(log->file)); /* as far as the log can: a device has nothing to keep */
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
