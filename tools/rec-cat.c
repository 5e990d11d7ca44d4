/* rec-cat: joins streams of one kind, keeps a part of their records, merges shards; the result has a new seal. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "common.h"

static uint64_t skip, limit = UINT64_MAX;
static bool merge;

static const struct opt opts[] = {
	{0, "skip", OPT_U64, &skip, "N", "leave out the first N records", 0, 0, true},
	{0, "limit", OPT_U64, &limit, "N", "end after N records", 0, 0, true},
	{0, "merge", OPT_FLAG, &merge, NULL, "all shards of one stream, in its order: its very bytes", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "rec-cat",
	.synopsis = "[options] [file ...] > stream",
	.doc = "Joins streams of one kind, keeps a part of their records, or merges shards, and seals the result anew.",
	.opts = opts,
	.max_operands = -1,
	.reads = true,
	.writes = true,
	.example = "rec-cat --limit 10 photos.img > some.img",
};

static void check_policy(const struct as_reader *a, const struct as_reader *b)
{
	const char *p = as_reader_header(a)->policy, *q = as_reader_header(b)->policy;
	p = p ? p : "";
	q = q ? q : "";
	if (as_text_differ(&p, &q))
		die(EXIT_DATA, "%s: the policy has '%.*s' where %s has '%.*s'", as_reader_name(b), (int)strcspn(q, "\n"), q,
		    as_reader_name(a), (int)strcspn(p, "\n"), p);
}

static void check_names(const struct as_reader *a, const struct as_reader *b, const struct as_names *p,
			const struct as_names *q, const char *one, const char *many)
{
	if (p->count != q->count)
		die(EXIT_DATA, "%s: %" PRId64 " %s where %s has %" PRId64, as_reader_name(b), q->count, many,
		    as_reader_name(a), p->count);
	for (int64_t i = 0; i < p->count; i++)
		if (strcmp(as_names_at(p, i), as_names_at(q, i)))
			die(EXIT_DATA, "%s: %s %" PRId64 " is '%s' where %s has '%s'", as_reader_name(b), one, i,
			    as_names_at(q, i), as_reader_name(a), as_names_at(p, i));
}

static void check_number(const struct as_reader *a, const struct as_reader *b, uint64_t p, uint64_t q, const char *what)
{
	if (p != q)
		die(EXIT_DATA, "%s: %" PRIu64 " %s where %s has %" PRIu64, as_reader_name(b), q, what,
		    as_reader_name(a), p);
}

/* What the first header says must be true for all streams. */
static void check_agreement(const struct as_reader *a, const struct as_reader *b)
{
	const struct as_header *p = as_reader_header(a), *q = as_reader_header(b);
	if (strcmp(p->kind, q->kind))
		die(EXIT_DATA, "%s: a stream of kind '%s' where %s is of kind '%s'; only one kind can be joined",
		    as_reader_name(b), q->kind, as_reader_name(a), p->kind);
	check_number(a, b, p->epochs, q->epochs, "epochs");
	check_names(a, b, &p->classes, &q->classes, "class", "classes");
	check_policy(a, b);
	if (!as_role_list_same(&p->roles, &q->roles))
		die(EXIT_DATA, "%s: the header's roles differ from those of %s", as_reader_name(b), as_reader_name(a));
	if (p->extra.bytes != q->extra.bytes || (p->extra.bytes && memcmp(p->extra.at, q->extra.at, p->extra.bytes)))
		die(EXIT_DATA, "%s: the header's other keys differ from those of %s", as_reader_name(b),
		    as_reader_name(a));
}

/* Adds the lines of another chain that ours lacks. */
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

static bool is_part(void)
{
	return skip || limit != UINT64_MAX;
}

/* Records in an epoch after joining and choosing; 0 (not known) if one of several epochs is not whole. */
static uint64_t records_of(uint64_t sum, uint64_t epochs)
{
	if (!is_part())
		return sum;
	if (!sum || epochs != 1)
		return 0;
	uint64_t left = sum > skip ? sum - skip : 0;
	return left < limit ? left : limit;
}

/* Streams that are joined, or a part of one, are not a shard but a whole of its own, with the records that are
 * there. A single stream that is kept whole does not change. */
static void join_headers(struct as_header *h, struct as_reader *const *r, int n)
{
	uint64_t sum = 0;
	bool known = true, shards = false;
	for (int i = 0; i < n; i++) {
		const struct as_header *from = as_reader_header(r[i]);
		uint64_t more = as_header_per_epoch(from);
		check_agreement(r[0], r[i]);
		add_chain(&h->chain, &from->chain);
		known = known && from->records && more <= AS_MAX_SEQ - sum;
		sum = known ? sum + more : 0;
		shards = shards || from->shard.count > 1;
	}
	if (n == 1 && !is_part())
		return;
	if (n > 1 && shards)
		inform("shards are joined one after the other: --merge puts the records into their order");
	h->records = records_of(sum, h->epochs);
	h->shard = (struct as_shard){0};
}

/* *total: the number of records that will come, 0: not known. */
static struct as_writer *open_joined(struct as_reader *const *r, int n, uint64_t *total)
{
	struct as_header h;
	struct as_error err;
	if (as_header_copy(&h, as_reader_header(r[0]), &err))
		die_error(NULL, &err);
	join_headers(&h, r, n);
	struct as_writer *w = open_output(as_reader_header(r[0])->kind, &h, NULL);
	*total = as_header_total(&h);
	as_header_clear(&h);
	return w;
}

static void add_skipped(struct as_reader *r, struct as_writer *w)
{
	uint64_t skipped = as_reader_seal(r).skipped;
	as_writer_skip(w, skipped);
	if (as_reader_version(r) < AS_STREAM_VERSION)
		inform("%s: a stream of version %d: nothing guards the %" PRIu64 " skipped that its trailer says",
		       as_reader_name(r), as_reader_version(r), skipped);
}

/* Copies the wanted records of one input; returns the number written so far. */
static uint64_t copy(struct as_reader *r, struct as_writer *w, uint64_t *seen, uint64_t written,
		     uint64_t total)
{
	struct as_record rec;
	struct as_error err;
	int rc = 1;
	while (written < limit && (rc = as_reader_next(r, &rec, &err)) > 0) {
		if ((*seen)++ < skip)
			continue;
		if (as_writer_put(w, &rec, &err))
			die_error(NULL, &err);
		progress(++written, total, "records", NULL);
	}
	if (rc < 0)
		die_error(as_reader_name(r), &err);
	if (!rc)
		add_skipped(r, w);
	return written;
}

static uint64_t copy_all(struct as_reader *const *r, int n)
{
	uint64_t seen = 0, written = 0, total;
	struct as_writer *w = open_joined(r, n, &total);
	for (int i = 0; i < n; i++)
		written = copy(r[i], w, &seen, written, total);
	close_output(w);
	return written;
}

/* ---- merging ---- */

static struct as_shard shard_of(const struct as_reader *r)
{
	struct as_shard s = as_reader_header(r)->shard;
	return s.count ? s : (struct as_shard){1, 1, 0};
}

static bool has_shard(struct as_reader *const *r, int n, uint64_t index)
{
	for (int i = 0; i < n; i++)
		if (shard_of(r[i]).index == index)
			return true;
	return false;
}

/* Checks that there is each shard of one whole, exactly once. */
static void check_shards(struct as_reader *const *r, int n)
{
	for (int i = 0; i < n; i++) {
		const struct as_header *a = as_reader_header(r[0]), *b = as_reader_header(r[i]);
		struct as_shard s = shard_of(r[i]);
		check_agreement(r[0], r[i]);
		check_number(r[0], r[i], a->records, b->records, "records in an epoch of all shards");
		check_number(r[0], r[i], shard_of(r[0]).count, s.count, "shards");
		check_number(r[0], r[i], shard_of(r[0]).block, s.block, "records in a block of --batch");
		check_names(r[0], r[i], &a->chain, &b->chain, "line of the chain", "lines in the chain");
		for (int k = 0; k < i; k++)
			if (shard_of(r[k]).index == s.index)
				die(EXIT_DATA, "%s: shard %" PRIu64 " of %" PRIu64 ", as %s is: each once (rec-cat without --merge joins)",
				    as_reader_name(r[i]), s.index, s.count, as_reader_name(r[k]));
	}
	uint64_t count = shard_of(r[0]).count, missing = 1;
	while (missing <= (uint64_t)n && has_shard(r, n, missing))
		missing++;
	if (missing <= count)
		die(EXIT_DATA, "shard %" PRIu64 " of %" PRIu64 " is missing; there are %d", missing, count, n);
}

/* The first record of an input that is not written yet; none at its end. */
struct head {
	struct as_record rec;
	bool there;
};

static void advance(struct as_reader *r, struct head *h, struct as_writer *w)
{
	struct as_error err;
	int rc = as_reader_next(r, &h->rec, &err);
	if (rc < 0)
		die_error(as_reader_name(r), &err);
	h->there = rc;
	if (!rc)
		add_skipped(r, w);
}

/* The input with the next record; -1 at the end of all. */
static int first_of(const struct head *head, int n)
{
	int first = -1;
	for (int i = 0; i < n; i++)
		if (head[i].there && (first < 0 || head[i].rec.seq < head[first].rec.seq))
			first = i;
	return first;
}

/* Writes all records in the order of the whole, with the whole's header, as if there had been no shards. */
static uint64_t merge_all(struct as_reader *const *r, int n)
{
	struct as_header h = *as_reader_header(r[0]);
	struct head *head = calloc((size_t)n, sizeof *head);
	uint64_t written = 0, last = 0;
	struct as_error err;
	if (!head)
		die(EXIT_DATA, "no memory for %d inputs", n);
	check_shards(r, n);
	h.shard = (struct as_shard){0};
	struct as_writer *w = open_output_unsaid(&h);
	for (int i = 0; i < n; i++)
		advance(r[i], &head[i], w);
	for (int i; (i = first_of(head, n)) >= 0; advance(r[i], &head[i], w)) {
		const struct as_record *rec = &head[i].rec;
		if (written && rec->seq <= last)
			die(EXIT_DATA, "%s: seq %" PRIu64 " comes after %" PRIu64 ": this is not a shard in its order",
			    as_reader_name(r[i]), rec->seq, last);
		last = rec->seq;
		if (as_writer_put(w, rec, &err))
			die_error(NULL, &err);
		progress(++written, as_header_total(&h), "records", NULL);
	}
	close_output(w);
	free(head);
	return written;
}

int main(int argc, char **argv)
{
	int n;
	char **path = tool_begin(&tool, argc, argv, &n);
	int inputs = n ? n : 1;
	struct as_reader **r = calloc((size_t)inputs, sizeof(struct as_reader *));
	if (merge && is_part())
		die(EXIT_USAGE, "--merge goes with neither --skip nor --limit: choose from what it writes");
	if (!r)
		die(EXIT_DATA, "no memory for %d inputs", inputs);
	for (int i = 0; i < inputs; i++)
		r[i] = open_input_file(n ? path[i] : NULL, NULL);
	uint64_t written = merge ? merge_all(r, inputs) : copy_all(r, inputs);
	progress_end(written, "records");
	for (int i = 0; i < inputs; i++)
		as_reader_close(r[i]);
	free(r);
	return 0;
}
