/* log-view: the log of a training as charts in a terminal. */
#define _DEFAULT_SOURCE /* DT_DIR */
#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tail.h"
#include "base/text.h"
#include "common.h"
#include "eval/runview.h"
#include "screen.h"

static bool follow, list, ascii;
static const char *columns;
static uint64_t width, height;
static double interval = 1;

static const struct opt opts[] = {
	{'f', "follow", OPT_FLAG, &follow, NULL, "draw again as the logs grow, until the runs end or Ctrl-C or q", 0, 0, false},
	{'c', "column", OPT_LIST, &columns, "NAME,...", "columns to draw (default: all that have a number)", 0, 0, false},
	{0, "list", OPT_FLAG, &list, NULL, "print the names of the columns, and end", 0, 0, false},
	{0, "interval", OPT_F64, &interval, "N", "seconds between two looks at the files (default 1)", 0.05, 86400, false},
	{0, "width", OPT_U64, &width, "N", "draw in so many columns, also where standard output is no terminal", 20, 1000, false},
	{0, "height", OPT_U64, &height, "N", "draw in at most so many lines", 4, 1000, false},
	{0, "ascii", OPT_FLAG, &ascii, NULL, "draw with ASCII characters, whatever the locale says", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "log-view",
	.synopsis = "[options] log...",
	.doc = "Draws logs of ssl-train as charts in a terminal.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = -1,
	.example = "log-view --follow run.tsv",
};

/* A log and the file with its times. */
struct run {
	struct as_runview_log view; /* the first: as_runview knows this part alone */
	char *path, *times_path;
	struct as_tail tail, times;
	bool found, seen; /* found in a folder; the file was there once */
};

enum { MAX_RUNS = 200, MAX_WORDS = 64 };
static struct run *run[MAX_RUNS];
static int runs;
static const char *wanted[MAX_WORDS];
static int words;

AS_NORETURN static void fail(const char *where, const struct as_error *err)
{
	screen_end();
	die_error(where, err);
}

static char *copy(const char *a, const char *b)
{
	size_t n = strlen(a) + strlen(b) + 1;
	char *text = malloc(n);
	if (!text) {
		screen_end();
		die(EXIT_DATA, "no memory");
	}
	snprintf(text, n, "%s%s", a, b);
	return text;
}

/* ---- which logs ---- */

static void add_run(const char *path, const char *name, bool found)
{
	for (int i = 0; i < runs; i++)
		if (!strcmp(run[i]->path, path))
			return;
	if (runs == MAX_RUNS) {
		screen_end();
		die(EXIT_USAGE, "more than %d logs", MAX_RUNS);
	}
	struct run *r = calloc(1, sizeof *r);
	if (!r) {
		screen_end();
		die(EXIT_DATA, "no memory");
	}
	r->path = copy(path, "");
	r->times_path = copy(path, ".time.tsv");
	r->view.name = copy(name, "");
	r->found = found;
	as_tail_init(&r->tail, r->path);
	as_tail_init(&r->times, r->times_path);
	run[runs++] = r;
}

/* A pipeline has a folder for each model: the logs in all of them, called by their folder. */
static void add_folder(const char *top, const char *path, int depth)
{
	struct dirent **entry;
	int n = depth < 16 ? scandir(path, &entry, NULL, alphasort) : 0;
	if (n < 0) /* removed since it was listed, or closed to us */
		return;
	for (int i = 0; i < n; i++) {
		const char *name = entry[i]->d_name;
		char *inner = copy(path, path[strlen(path) - 1] == '/' ? "" : "/"), *whole = copy(inner, name);
		struct stat s;
		bool there = *name != '.' && !lstat(whole, &s);
		if (there && S_ISDIR(s.st_mode)) {
			add_folder(top, whole, depth + 1);
		} else if (there && !strcmp(name, "log.tsv") && S_ISREG(s.st_mode)) {
			const char *below = path + strlen(top) + strspn(path + strlen(top), "/");
			add_run(whole, *below ? below : path, true);
		}
		free(inner);
		free(whole);
		free(entry[i]);
	}
	if (depth < 16)
		free(entry);
}

static bool is_folder(const char *path)
{
	struct stat s;
	return strcmp(path, "-") && !stat(path, &s) && S_ISDIR(s.st_mode);
}

/* Returns whether there is a folder, in which further logs may appear. */
static bool find_runs(char *const *path, int n)
{
	bool folder = false;
	for (int i = 0; i < n; i++) {
		if (is_folder(path[i])) {
			folder = true;
			add_folder(path[i], path[i], 0);
		} else {
			add_run(path[i], strcmp(path[i], "-") ? path[i] : "standard input", false);
		}
	}
	return folder;
}

/* ---- reading ---- */

struct part {
	int (*take)(struct as_runlog *, const char *, size_t, struct as_error *);
	void (*forget)(struct as_runlog *);
};

/* Reads all that there is now. Returns whether something was new, or <0. */
static int read_tail(struct run *r, struct as_tail *tail, const struct part *part, struct as_error *err)
{
	const char *bytes;
	size_t n;
	bool new = false;
	int rc;
	while ((rc = as_tail_next(tail, &bytes, &n, err)) > 0) {
		new = true;
		if (rc == AS_TAIL_ANEW)
			part->forget(&r->view.log);
		else if ((rc = part->take(&r->view.log, bytes, n, err)))
			return as_fail_within(err, "%s", tail->path);
		if (follow && tail->pipe)
			break;
	}
	return rc < 0 ? rc : new;
}

static bool read_run(struct run *r)
{
	static const struct part log = {as_runlog_take, as_runlog_forget}, times = {as_runlog_take_times, as_runlog_forget_times};
	struct as_error err = {.record = -1};
	int new = read_tail(r, &r->tail, &log, &err);
	if (new == AS_ENONE && (follow || r->seen))
		return false;
	if (new < 0)
		fail(NULL, &err);
	r->view.there = r->seen = true;
	if (r->tail.pipe)
		return new;
	int more = read_tail(r, &r->times, &times, &err);
	if (more < 0 && more != AS_ENONE)
		fail(NULL, &err);
	return new || more > 0;
}

static bool read_runs(void)
{
	bool new = false;
	for (int i = 0; i < runs; i++)
		new = read_run(run[i]) || new;
	return new;
}

static bool all_ended(void)
{
	for (int i = 0; i < runs; i++)
		if (!run[i]->tail.ended && !as_runlog_whole(&run[i]->view.log))
			return false;
	return runs > 0;
}

static void refuse_terminal_input(void)
{
	for (int i = 0; i < runs; i++)
		if (!strcmp(run[i]->path, "-") && isatty(0))
			die(EXIT_USAGE, "standard input is a terminal: name a log, or pipe one in");
}

/* Without --follow what is not there now will not come. */
static void check_heading(void)
{
	for (int i = 0; i < runs && !follow; i++)
		if (!run[i]->view.log.curves)
			die(EXIT_DATA, "%s: no log: there is no line with the names of columns", run[i]->view.name);
}

/* ---- drawing ---- */

static struct as_runview view_of(const struct as_runview_log **log)
{
	for (int i = 0; i < runs; i++)
		log[i] = &run[i]->view;
	return (struct as_runview){.log = log, .logs = runs, .column = words ? wanted : NULL, .columns = words,
				   .utf8 = !ascii && screen_utf8(), .colours = screen_colours()};
}

static const struct as_runview *name_view;

static const char *column_name(int i)
{
	return as_runview_column(name_view, i);
}

/* An unknown column is misuse as soon as there is a heading that could have it. */
static void check_columns(void)
{
	const struct as_runview_log *log[MAX_RUNS];
	struct as_runview v = view_of(log);
	struct as_error err = {.record = -1};
	name_view = &v;
	for (int i = 0; i < runs; i++)
		if (!run[i]->view.log.curves) /* it may have it */
			return;
	for (int i = 0; i < words; i++)
		if (as_find("--column", wanted[i], column_name, &err) < 0)
			fail(NULL, &err);
	name_view = NULL;
}

/* The picture as lines; the caller frees it. */
static char *picture(int w, int h, bool colours, size_t *n)
{
	const struct as_runview_log *log[MAX_RUNS];
	struct as_runview v = view_of(log);
	struct as_panel c;
	struct as_error err = {.record = -1};
	char *text = NULL;
	v.width = w;
	v.height = h;
	v.colours = v.colours && colours;
	if (as_runview_draw(&v, &c, &err))
		fail(NULL, &err);
	FILE *f = open_memstream(&text, n);
	for (int row = 0; f && row < c.height; row++) {
		as_panel_row(&c, row, v.colours, f);
		fputc('\n', f);
	}
	as_panel_clear(&c);
	if (!f || fclose(f)) {
		screen_end();
		die(EXIT_DATA, "no memory for a picture");
	}
	return text;
}

/* The size of a picture on the terminal; `fits`: no higher than it. */
static void size_of(int *w, int *h, bool fits)
{
	screen_size(w, h);
	*w = width ? (int)width : *w;
	*h = height ? (int)height : fits ? *h : 0;
}

static void print_picture(void)
{
	int w, h;
	size_t n;
	size_of(&w, &h, false);
	char *text = picture(w, h, true, &n);
	fwrite(text, 1, n, stdout);
	free(text);
}

/* ---- without a terminal ---- */

static void print_name(const char *text)
{
	char *plain = copy(text, "");
	as_plain(plain);
	fputs(plain, stdout);
	free(plain);
}

static bool is_wanted(const char *column)
{
	bool found = !words;
	for (int i = 0; i < words; i++)
		found = found || !strcmp(wanted[i], column);
	return found;
}

static void print_table(void)
{
	puts("log\tcolumn\tstep\tvalue\tleast\tmost");
	for (int i = 0; i < runs; i++)
		for (int k = 0; k < run[i]->view.log.curves; k++) {
			const struct as_runcurve *c = &run[i]->view.log.curve[k];
			double least = INFINITY, most = -INFINITY;
			for (int s = 0; s < AS_RUNLOG_SPANS; s++) {
				least = fmin(least, c->span[s].least);
				most = fmax(most, c->span[s].most);
			}
			if (isnan(c->last) || !is_wanted(c->name))
				continue;
			print_name(run[i]->view.name);
			printf("\t%s\t%" PRIu64 "\t%.7g\t", c->name, c->last_step, c->last);
			if (least <= most)
				printf("%.7g\t%.7g\n", least, most);
			else
				puts("\t");
		}
}

/* One line for each run that went on. */
static void print_news(uint64_t *said)
{
	for (int i = 0; i < runs; i++) {
		char text[200];
		const struct as_runlog *l = &run[i]->view.log;
		uint64_t step = l->timed > l->step ? l->timed : l->step;
		if (!l->any || said[i] == step + 1)
			continue;
		said[i] = step + 1;
		print_name(run[i]->view.name);
		as_runview_say(&run[i]->view, text, sizeof text);
		printf(": %s", text);
		for (int k = 0; k < l->curves - 1; k++)
			if (!isnan(l->curve[k].last) && is_wanted(l->curve[k].name))
				printf(", %s %.5g", l->curve[k].name, l->curve[k].last);
		putchar('\n');
	}
	fflush(stdout);
	check_text();
}

static void print_list(void)
{
	const struct as_runview_log *log[MAX_RUNS];
	struct as_runview v = view_of(log);
	const char *name;
	for (int i = 0; (name = as_runview_column(&v, i)); i++)
		puts(name);
}

/* ---- following ---- */

static void show(void)
{
	int w, h;
	size_t n;
	size_of(&w, &h, true);
	char *text = picture(w, h, true, &n);
	screen_show(text, n);
	free(text);
}

static void watch(char *const *path, int n)
{
	static uint64_t said[MAX_RUNS];
	bool draws = screen_can(), folder, on = true;
	screen_catch();
	if (draws)
		screen_begin(isatty(0));
	while (on) {
		folder = find_runs(path, n);
		bool new = read_runs();
		check_columns();
		if (draws)
			show();
		else if (new)
			print_news(said);
		on = (folder || !all_ended()) && screen_wait(interval);
	}
	screen_end();
	if (draws) /* the last picture stays */
		print_picture();
}

static void cut_words(void)
{
	static char text[4096];
	if (!columns)
		return;
	if (strlen(columns) >= sizeof text)
		die(EXIT_USAGE, "--column: too many names");
	snprintf(text, sizeof text, "%s", columns);
	for (char *at = strtok(text, ","); at; at = strtok(NULL, ",")) {
		if (words == MAX_WORDS)
			die(EXIT_USAGE, "--column: more than %d names", MAX_WORDS);
		wanted[words++] = at;
	}
}

int main(int argc, char **argv)
{
	int n;
	char **path = tool_begin(&tool, argc, argv, &n);
	cut_words();
	bool folder = find_runs(path, n);
	refuse_terminal_input();
	if (follow && !list) {
		watch(path, n);
		return finish_text();
	}
	follow = false;
	if (folder && !runs)
		die(EXIT_DATA, "%s: no log.tsv in this folder or those in it", path[0]);
	read_runs();
	check_heading();
	check_columns();
	if (list)
		print_list();
	else if (width || height || screen_can())
		print_picture();
	else
		print_table();
	return finish_text();
}
