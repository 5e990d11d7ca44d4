/* rec-import: arrays and tables of others as a stream, so that features made elsewhere can be measured. */
#include <string.h>

#include "common.h"
#include "stream/import.h"

static const char *key, *labels, *names, *rows, *classes;

static const struct opt opts[] = {
	{0, "key", OPT_TEXT, &key, "NAME", "which array of a .npz has the images or features", 0, 0, true},
	{0, "label", OPT_TEXT, &labels, "FILE|NAME", "labels: a .npy, a text with one on each line, or an array of the .npz", 0, 0, false},
	{0, "name", OPT_TEXT, &names, "FILE|NAME", "names of the images, likewise", 0, 0, false},
	{0, "rows", OPT_TEXT, &rows, "FILE.tsv", "a table with columns label, class, name, id and further keys", 0, 0, false},
	{0, "class-names", OPT_TEXT, &classes, "FILE", "names of the classes, one on each line, that of label 0 first", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "rec-import",
	.synopsis = "[options] file.npy|file.npz|file.tsv > stream",
	.doc = "Makes a stream of images, features or scores of NumPy's arrays or of a table.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.writes = true,
	.example = "rec-export photos.tsv < photos.feat > rows.tsv\n  rec-import photos.tsv > again.feat",
};

static void import(struct as_import *in, const char *path)
{
	struct as_record rec;
	struct as_error err = {.record = -1};
	int rc;
	char kind[sizeof as_import_header(in)->kind];
	memcpy(kind, as_import_header(in)->kind, sizeof kind);
	struct as_writer *out = open_output(kind, as_import_header(in), NULL);
	while ((rc = as_import_next(in, &rec, &err)) > 0)
		if ((rc = as_writer_put(out, &rec, &err)))
			die_error(rc == AS_EPIPE ? NULL : path, &err);
	if (rc)
		die_error(path, &err);
	close_output(out);
}

int main(int argc, char **argv)
{
	int n;
	char **path = tool_begin(&tool, argc, argv, &n);
	struct as_error err = {.record = -1};
	struct as_import *in;
	const struct as_import_ask ask = {path[0], key, labels, names, rows, classes};
	if (as_import_open(&in, &ask, &err))
		die_error(NULL, &err);
	import(in, path[0]);
	as_import_close(in);
	return 0;
}
