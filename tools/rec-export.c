/* rec-export: a stream for other programs: a table of its records, and their tensors as NumPy's arrays. */
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "stream/export.h"

static const char *keys = "", *columns = "";

static const struct opt opts[] = {
	{0, "key", OPT_LIST, &keys, "KEY,...", "which tensors (default: the feature, views or image; in a .npz all)", 0, 0, false},
	{0, "column", OPT_LIST, &columns, "KEY,...", "further keys of the records, whole numbers, as columns", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "rec-export",
	.synopsis = "[options] [file.npy|file.npz|file.tsv] < stream > table",
	.doc = "Prints a table of the records, and writes their tensors as NumPy's arrays, or all that they hold.",
	.opts = opts,
	.max_operands = 1,
	.reads = true,
	.example = "rec-export photos.npy < photos.feat > photos.tsv",
};

/* The words of a list with commas between. */
static void split(const char *list, struct as_names *words)
{
	struct as_error err;
	for (; *list; list += *list == ',') {
		size_t n = strcspn(list, ",");
		if (n && as_names_put(words, (struct as_text){list, n}, &err))
			die_error(NULL, &err);
		list += n;
	}
}

/* Puts each record into the file, if there is one, and prints its row. */
static void export(struct as_reader *in, struct as_export *out, const struct as_names *more)
{
	struct as_record rec;
	struct as_error err = {.record = -1};
	const struct as_header *h = as_reader_header(in);
	int rc;
	as_table_heading(stdout, h, more);
	while ((rc = as_reader_next(in, &rec, &err)) > 0) {
		rc = out ? as_export_add(out, &rec, &err) : 0;
		if (!rc)
			rc = as_table_row(stdout, h, more, &rec, &err);
		if (rc) {
			err.record = (int64_t)as_reader_seal(in).count - 1;
			break;
		}
	}
	err.record = rc ? err.record : -1;
	if (!rc && out)
		rc = as_export_close(out, &err);
	else
		as_export_abandon(out);
	if (rc)
		die_error(as_reader_name(in), &err);
}

int main(int argc, char **argv)
{
	int n;
	char **path = tool_begin(&tool, argc, argv, &n);
	struct as_error err = {.record = -1};
	struct as_names key = {0}, more = {0};
	struct as_export *out = NULL;
	const struct place place[] = {{"the file", n ? path[0] : NULL, true}, {"standard input,", "/dev/stdin", false},
				      {"standard output,", "/dev/stdout", false}};
	check_places(place, (int)(sizeof place / sizeof *place));
	split(keys, &key);
	split(columns, &more);
	if (key.count && !n)
		die(EXIT_USAGE, "--key: say into which file: x.npy, x.npz or x.tsv");
	struct as_reader *in = open_input(NULL);
	const struct as_export_ask ask = {as_reader_header(in), &key, &more};
	if (n && as_export_open(&out, path[0], &ask, &err))
		die_error(NULL, &err);
	export(in, out, &more);
	as_names_clear(&key);
	as_names_clear(&more);
	as_reader_close(in);
	return finish_text();
}
