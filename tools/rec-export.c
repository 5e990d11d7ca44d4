/* rec-export: the tensors of a stream as NumPy's .npy files, and a table of what the records are. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "stream/npy.h"

static const char *key = "";

static const struct opt opts[] = {
	{0, "key", OPT_TEXT, &key, "KEY", "which tensor (default: feature, views or image)", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "rec-export",
	.synopsis = "[--key KEY] file.npy < stream > table",
	.doc = "Writes a tensor of all records as one NumPy array, and prints seq, id, label, class and name of each.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.reads = true,
	.example = "rec-export photos.npy < photos.feat > photos.tsv",
};

/* The tensor of that key; NULL if this program knows no such key. */
static const struct as_tensor *tensor_of(const struct as_record *r, const char *name)
{
	const struct {
		const char *name;
		const struct as_tensor *at;
	} known[] = {
		{"feature", &r->feature}, {"views", &r->role[0].views}, {"image", &r->image.pixels},
		{"omega", &r->role[0].omega}, {"param", &r->role[0].param},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(known[i].name, name))
			return known[i].at;
	return NULL;
}

/* A text in a cell of the table: what would break the table is a question mark. */
static void print_text(const char *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		putchar((unsigned char)at[i] < ' ' || at[i] == 127 ? '?' : at[i]);
}

static void print_row(const struct as_header *h, const struct as_record *r)
{
	const char *class = as_names_at(&h->classes, r->label);
	printf("%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\t", r->seq, r->id, r->label);
	print_text(class, class ? strlen(class) : 0);
	putchar('\t');
	print_text(r->name.at, r->name.length);
	putchar('\n');
}

static void export(struct as_reader *in, struct as_npy *npy)
{
	struct as_record rec;
	struct as_error err = {.record = -1};
	const struct as_header *h = as_reader_header(in);
	int rc;
	while ((rc = as_reader_next(in, &rec, &err)) > 0) {
		const struct as_tensor *t = tensor_of(&rec, key);
		if (!t->data)
			rc = as_fail(&err, AS_EDATA, "%s: none here%s", key, rec.image.jpeg.at ? ", but a JPEG" : "");
		else
			rc = as_npy_add(npy, t, &err);
		if (rc) {
			err.record = (int64_t)as_reader_seal(in).count - 1;
			break;
		}
		print_row(h, &rec);
	}
	if (!rc) {
		err.record = -1;
		rc = as_npy_close(npy, &err);
	} else {
		as_npy_abandon(npy);
	}
	if (rc)
		die_error(as_reader_name(in), &err);
}

int main(int argc, char **argv)
{
	int n;
	char **path = tool_begin(&tool, argc, argv, &n);
	struct as_error err = {.record = -1};
	struct as_npy *npy;
	const struct place place[] = {{"the array", path[0], true}, {"standard input,", "/dev/stdin", false},
				      {"standard output,", "/dev/stdout", false}};
	check_places(place, (int)(sizeof place / sizeof *place));
	if (*key && !tensor_of(&(struct as_record){0}, key))
		die(EXIT_USAGE, "--key: '%s' is none of feature, views, image, omega, param", key);
	struct as_reader *in = open_input("feature,view,image,sample");
	const char *kind = as_reader_header(in)->kind;
	if (!*key)
		key = !strcmp(kind, "feature") ? "feature" : !strcmp(kind, "view") ? "views" : "image";
	if (as_npy_open(&npy, path[0], &err))
		die_error(NULL, &err);
	puts("seq\tid\tlabel\tclass\tname");
	export(in, npy);
	as_reader_close(in);
	return finish_text();
}
