/* rec-view: shows a stream for people: JSON lines, figures, contact sheets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aug/gallery.h"
#include "aug/roles.h"
#include "common.h"
#include "eval/retrieval.h"
#include "stream/tally.h"

/* The number of records on a sheet without -n. */
enum { SHEET_IMAGES = 64, SHEET_RECORDS = 16, SHEET_QUERIES = 5 };

static bool full, stats;
static const char *sheet, *neighbours;
static uint64_t number = UINT64_MAX;

static const struct opt opts[] = {
	{'n', "number", OPT_U64, &number, "N", "end after N records", 0, 0, false},
	{0, "full", OPT_FLAG, &full, NULL, "all values of tensors, all bytes of images", 0, 0, false},
	{0, "stats", OPT_FLAG, &stats, NULL, "figures about all records instead of the records", 0, 0, false},
	{0, "sheet", OPT_TEXT, &sheet, "FILE", "draw the records into a PNG instead", 0, 0, false},
	{0, "neighbours", OPT_TEXT, &neighbours, "LIST", "draw queries and neighbours: [title=]table,...", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "rec-view",
	.synopsis = "[options] [file [file]] > text",
	.doc = "Shows a stream as JSON lines, as figures or as a contact sheet.",
	.opts = opts,
	.max_operands = 2,
	.reads = true,
	.example = "rec-view -n 8 --sheet photos.png photos.img",
};

/* The names of a role's columns: "crop.top" and so on. */
struct labels {
	char text[AS_MAX_PARAM + AS_MAX_OMEGA][48];
	const char *param[AS_MAX_PARAM], *omega[AS_MAX_OMEGA];
};

static const char *label(struct labels *l, int i, const char *op, const char *column)
{
	snprintf(l->text[i], sizeof l->text[i], "%s.%s", op, column);
	return l->text[i];
}

static void name_columns(const struct as_policy *p, struct labels *l, struct as_show_role *show)
{
	int used = 0;
	for (int i = 0; i < p->nop; i++) {
		const struct as_op *op = &p->op[i];
		for (int k = 0; k < op->aug->nparam; k++)
			l->param[op->param_at + k] = label(l, used++, op->aug->name, op->aug->param[k]);
		for (int k = 0; k < op->aug->nomega; k++)
			l->omega[op->omega_at + k] = label(l, used++, op->aug->name, op->aug->component[k]);
	}
	show->param = l->param;
	show->omega = l->omega;
	show->nparam = p->nparam;
	show->nomega = p->nomega;
}

/* Reads the names of columns from the policy; there are none without a policy, or with one that is not
 * known here. */
static void read_labels(const char *text, struct labels *l, struct as_show *show)
{
	static struct as_roles r;
	struct as_error err;
	if (!text)
		return;
	if (as_roles_parse(text, &r, &err)) {
		warn("the header's policy: %s; parameters are shown without their names", err.text);
		return;
	}
	for (int i = 0; i < r.n; i++)
		name_columns(&r.role[i], &l[i], &show->role[i]);
}

static void show_lines(struct as_reader *r, const struct as_show *show)
{
	struct as_record rec;
	struct as_error err;
	const struct as_header *h = as_reader_header(r);
	int rc = 1;
	if (as_show_header(stdout, h, &err))
		die_error(as_reader_name(r), &err);
	for (uint64_t i = 0; i < number && (rc = as_reader_next(r, &rec, &err)) > 0; i++) {
		if (as_show_record(stdout, show, h->kind, &rec, &err))
			die_error(as_reader_name(r), &err);
		check_text();
	}
	if (rc < 0)
		die_error(as_reader_name(r), &err);
	struct as_seal seal = as_reader_seal(r);
	if (!rc)
		as_show_trailer(stdout, &seal);
}

static void show_stats(struct as_reader *r, const struct as_show *show)
{
	struct as_record rec;
	struct as_error err;
	struct as_tally *t;
	uint64_t total = as_header_total(as_reader_header(r));
	int rc = 1;
	if (as_tally_new(&t, as_reader_header(r), show, &err))
		die_error(NULL, &err);
	for (uint64_t i = 0; i < number && (rc = as_reader_next(r, &rec, &err)) > 0; i++) {
		if (as_tally_add(t, &rec, &err)) {
			err.record = (int64_t)i;
			die_error(as_reader_name(r), &err);
		}
		progress(i + 1, total && total < number ? total : number == UINT64_MAX ? 0 : number, "records", NULL);
	}
	if (rc < 0)
		die_error(as_reader_name(r), &err);
	as_tally_print(t, stdout);
	as_tally_free(t);
}

static void show_sheet(struct as_reader *r)
{
	struct as_record rec;
	struct as_error err;
	struct as_gallery *g;
	const struct as_header *h = as_reader_header(r);
	uint64_t most = !strcmp(h->kind, "image") ? SHEET_IMAGES : SHEET_RECORDS;
	most = tool_given("number") ? number : most;
	uint64_t total = as_header_total(h);
	if (as_gallery_new(&g, h, total && total < most ? total : most, &err))
		die_error(as_reader_name(r), &err);
	int rc = 1;
	for (uint64_t i = 0; i < most && (rc = as_reader_next(r, &rec, &err)) > 0; i++)
		if (as_gallery_add(g, &rec, &err)) {
			err.record = (int64_t)i;
			die_error(as_reader_name(r), &err);
		}
	if (rc < 0)
		die_error(as_reader_name(r), &err);
	if (as_gallery_write(g, sheet, &err))
		die_error(NULL, &err);
	as_gallery_free(g);
}

/* Reads `neighbours`, "title=table,title=table"; the title may be left out. */
static void read_tables(struct as_retrieval *r)
{
	struct as_error err = {.record = -1};
	char *list = strdup(neighbours), *rest = list;
	if (!list)
		die(EXIT_DATA, "no memory");
	while (rest) {
		char *title = rest, *comma = strchr(rest, ',');
		rest = comma ? comma + 1 : NULL;
		if (comma)
			*comma = '\0';
		char *equals = strchr(title, '='), *path = equals ? equals + 1 : title;
		if (equals)
			*equals = '\0';
		if (as_retrieval_list(r, title, path, &err))
			die_error(NULL, &err);
	}
	free(list);
}

static void show_neighbours(const char *queries, const char *images)
{
	struct as_error err = {.record = -1};
	struct as_retrieval *r;
	const char *const path[] = {queries, images};
	if (as_retrieval_new(&r, tool_given("number") ? (int)(number < INT32_MAX ? number : INT32_MAX) : SHEET_QUERIES, &err))
		die_error(NULL, &err);
	read_tables(r);
	for (int i = 0; i < 2; i++) {
		struct as_reader *reader = open_input_file(path[i], "image");
		if (as_retrieval_images(r, reader, i == 0, &err))
			die_error(as_reader_name(reader), &err);
		as_reader_close(reader);
	}
	if (as_retrieval_write(r, sheet, &err))
		die_error(NULL, &err);
	as_retrieval_free(r);
}

int main(int argc, char **argv)
{
	int n;
	char **path = tool_begin(&tool, argc, argv, &n);
	if (sheet && (stats || full))
		die(EXIT_USAGE, "--sheet goes with neither --stats nor --full");
	const struct place place[] = {
		{"--sheet", sheet, true}, {"the stream", n ? path[0] : NULL, false}, {"the stream", n > 1 ? path[1] : NULL, false},
		{"standard input,", "/dev/stdin", false}, {"standard output,", "/dev/stdout", false},
	};
	check_places(place, (int)(sizeof place / sizeof *place));
	if (neighbours ? !sheet || n != 2 : n > 1)
		die(EXIT_USAGE, neighbours ? "--neighbours goes with --sheet and two files: the queries' images, the others'"
					   : "one file at a time");
	if (neighbours) {
		show_neighbours(path[0], path[1]);
		return finish_text();
	}
	struct as_reader *r = open_input_file(n ? path[0] : NULL, NULL);
	struct as_show show = {.full = full};
	static struct labels labels[AS_MAX_ROLES];
	read_labels(as_reader_header(r)->policy, labels, &show);
	if (sheet)
		show_sheet(r);
	else if (stats)
		show_stats(r, &show);
	else
		show_lines(r, &show);
	as_reader_close(r);
	return finish_text();
}
