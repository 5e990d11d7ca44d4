/* rec-cat: joins streams of one kind, cuts them, seals the result anew. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static uint64_t skip, limit = UINT64_MAX;

static const struct opt opts[] = {
	{0, "skip", OPT_U64, &skip, "N", "leave out the first N records", 0, 0, true},
	{0, "limit", OPT_U64, &limit, "N", "end after N records", 0, 0, true},
	OPT_END,
};

static const struct tool tool = {
	.name = "rec-cat",
	.synopsis = "[options] [file ...] > stream",
	.doc = "Joins streams of one kind, cuts them and seals the result anew.",
	.opts = opts,
	.max_operands = -1,
	.reads = true,
	.writes = true,
};

/* The line in which two texts first differ, of both. */
static void differing_lines(const char *a, const char *b, struct as_text line[2])
{
	for (;;) {
		size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
		if (n != m || memcmp(a, b, n) || !a[n] || !b[m]) {
			line[0] = (struct as_text){a, n};
			line[1] = (struct as_text){b, m};
			return;
		}
		a += n + 1;
		b += m + 1;
	}
}

static void check_policy(const struct as_reader *a, const struct as_reader *b)
{
	const char *p = as_reader_header(a)->policy, *q = as_reader_header(b)->policy;
	struct as_text line[2];
	p = p ? p : "";
	q = q ? q : "";
	if (!strcmp(p, q))
		return;
	differing_lines(p, q, line);
	die(EXIT_DATA, "%s: the policy has '%.*s' where %s has '%.*s'", as_reader_name(b), (int)line[1].length,
	    line[1].at, as_reader_name(a), (int)line[0].length, line[0].at);
}

static void check_classes(const struct as_reader *a, const struct as_reader *b)
{
	const struct as_names *p = &as_reader_header(a)->classes, *q = &as_reader_header(b)->classes;
	if (p->count != q->count)
		die(EXIT_DATA, "%s: %" PRId64 " classes where %s has %" PRId64, as_reader_name(b), q->count,
		    as_reader_name(a), p->count);
	const char *s = p->at, *t = q->at;
	for (int64_t i = 0; i < p->count; i++, s += strlen(s) + 1, t += strlen(t) + 1)
		if (strcmp(s, t))
			die(EXIT_DATA, "%s: class %" PRId64 " is '%s' where %s has '%s'", as_reader_name(b), i, t,
			    as_reader_name(a), s);
}

/* What a header says beforehand must hold for all that follows. */
static void check_agreement(const struct as_reader *a, const struct as_reader *b)
{
	const struct as_header *p = as_reader_header(a), *q = as_reader_header(b);
	if (strcmp(p->kind, q->kind))
		die(EXIT_DATA, "%s: a stream of kind '%s' where %s is of kind '%s'", as_reader_name(b), q->kind,
		    as_reader_name(a), p->kind);
	if (p->epochs != q->epochs)
		die(EXIT_DATA, "%s: %" PRIu64 " epochs where %s has %" PRIu64, as_reader_name(b), q->epochs,
		    as_reader_name(a), p->epochs);
	check_classes(a, b);
	check_policy(a, b);
	if (p->extra.bytes != q->extra.bytes || (p->extra.bytes && memcmp(p->extra.at, q->extra.at, p->extra.bytes)))
		die(EXIT_DATA, "%s: the header's other keys differ from those of %s", as_reader_name(b),
		    as_reader_name(a));
}

/* The lines of another chain that are not in ours yet. */
static void add_chain(struct as_names *to, const struct as_names *from)
{
	struct as_error err;
	for (int64_t i = 0; i < from->count; i++) {
		const char *line = as_names_at(from, i);
		int64_t k = 0;
		while (k < to->count && strcmp(as_names_at(to, k), line))
			k++;
		if (k == to->count && as_names_add(to, line, &err))
			die_error(NULL, &err);
	}
}

/* Records of an epoch after joining and cutting; 0, not known, where an epoch is
 * cut and there are others. */
static uint64_t records_of(uint64_t sum, uint64_t epochs)
{
	if (!skip && limit == UINT64_MAX)
		return sum;
	if (!sum || epochs != 1)
		return 0;
	uint64_t left = sum > skip ? sum - skip : 0;
	return left < limit ? left : limit;
}

static struct as_writer *open_joined(struct as_reader *const *r, int n)
{
	struct as_header h;
	struct as_error err;
	uint64_t sum = 0;
	bool known = true;
	if (as_header_copy(&h, as_reader_header(r[0]), &err))
		die_error(NULL, &err);
	for (int i = 0; i < n; i++) {
		const struct as_header *from = as_reader_header(r[i]);
		check_agreement(r[0], r[i]);
		add_chain(&h.chain, &from->chain);
		known = known && from->records && from->records <= UINT64_MAX - sum;
		sum += from->records;
	}
	h.records = records_of(known ? sum : 0, h.epochs);
	struct as_writer *w = open_output(as_reader_header(r[0])->kind, &h, NULL);
	as_header_clear(&h);
	return w;
}

/* Copies what is wanted of one input; returns the records written so far. */
static uint64_t copy(struct as_reader *r, struct as_writer *w, uint64_t *seen, uint64_t written)
{
	struct as_record rec;
	struct as_error err;
	int rc = 1;
	while (written < limit && (rc = as_reader_next(r, &rec, &err)) > 0) {
		if ((*seen)++ < skip)
			continue;
		if (as_writer_put(w, &rec, &err))
			die_error(NULL, &err);
		progress(++written, 0, "records", NULL);
	}
	if (rc < 0)
		die_error(as_reader_name(r), &err);
	if (!rc)
		as_writer_skip(w, as_reader_seal(r).skipped);
	if (!rc && as_reader_version(r) < AS_STREAM_VERSION)
		inform("%s: a stream of version %d: nothing guards the %" PRIu64 " skipped that its trailer says",
		       as_reader_name(r), as_reader_version(r), as_reader_seal(r).skipped);
	return written;
}

int main(int argc, char **argv)
{
	int n;
	char **path = tool_begin(&tool, argc, argv, &n);
	int inputs = n ? n : 1;
	struct as_reader **r = calloc((size_t)inputs, sizeof(struct as_reader *));
	uint64_t seen = 0, written = 0;
	if (!r)
		die(EXIT_DATA, "no memory for %d inputs", inputs);
	for (int i = 0; i < inputs; i++)
		r[i] = open_input_file(n ? path[i] : NULL, NULL);
	struct as_writer *w = open_joined(r, inputs);
	for (int i = 0; i < inputs; i++)
		written = copy(r[i], w, &seen, written);
	close_output(w);
	progress_end(written, "records");
	for (int i = 0; i < inputs; i++)
		as_reader_close(r[i]);
	free(r);
	return 0;
}
