#include "eval/score.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "base/rng.h"
#include "base/text.h"
#include "stream/keep.h"

void as_scores_clear(struct as_scores *s)
{
	for (int64_t i = 0; i < s->count; i++)
		as_kept_clear(&s->kept[i]);
	free(s->kept);
	*s = (struct as_scores){0};
}

/* ---- the table ---- */

static const char heading[] =
	"metric\tvalue\tinterval\tn\tclasses\tlabel\tprobe\tsetting\tchance\tunit\tmodel\tdata\tlearnt\n";

void as_put_field(FILE *f, struct as_text text)
{
	for (size_t i = 0; i < text.length;) {
		const char *at = text.at + i;
		size_t control = as_control(at, text.length - i), bytes = as_utf8(at, text.length - i);
		if (control)
			putc('?', f);
		else
			fwrite(at, 1, bytes ? bytes : 1, f);
		i += control ? control : bytes ? bytes : 1;
	}
}

static void put_text(FILE *f, struct as_text text)
{
	putc('\t', f);
	as_put_field(f, text);
}

static void put_number(FILE *f, double v, bool percent)
{
	if (isnan(v))
		putc('\t', f);
	else
		fprintf(f, percent ? "\t%.2f" : "\t%.6g", v);
}

static void put_line(FILE *f, const struct as_score *s)
{
	bool percent = s->unit.length == 1 && *s->unit.at == '%';
	as_put_field(f, s->metric);
	put_number(f, s->value, percent);
	put_number(f, s->interval, percent);
	fprintf(f, "\t%" PRId64 "\t%" PRId64, s->n, s->classes);
	put_text(f, s->label);
	put_text(f, s->probe);
	put_text(f, s->setting);
	put_number(f, s->chance, percent);
	put_text(f, s->unit);
	put_text(f, s->model);
	put_text(f, s->data);
	put_text(f, s->learnt);
	putc('\n', f);
}

/* ---- the stream ---- */

/* Depends on what was measured, not on the data or the model. */
static uint64_t id_of(const struct as_score *s)
{
	const struct as_text text[] = {s->probe, s->label, s->metric, s->setting};
	uint64_t hash[4];
	for (int i = 0; i < 4; i++)
		hash[i] = as_hash64(text[i].at, text[i].length);
	return as_hash64(hash, sizeof hash);
}

int as_scores_add(struct as_scores *s, const struct as_score *score, struct as_error *err)
{
	const struct as_record rec = {.seq = (uint64_t)s->count, .id = id_of(score), .label = -1, .score = *score};
	struct as_kept *kept = realloc(s->kept, (size_t)(s->count + 1) * sizeof *kept);
	if (!kept)
		return as_fail(err, AS_EMEM, "scores: no memory for %lld", (long long)s->count + 1);
	s->kept = kept;
	kept[s->count] = (struct as_kept){0};
	int rc = as_record_keep(&kept[s->count], &rec, err);
	if (rc)
		return rc;
	if (s->table && !s->count)
		fputs(heading, s->table);
	if (s->table)
		put_line(s->table, score);
	s->count++;
	return 0;
}

static int write_records(const struct as_scores *s, int fd, const struct as_names *chain, struct as_error *err)
{
	const struct as_header header = {.kind = "score", .records = (uint64_t)s->count, .epochs = 1, .chain = *chain};
	struct as_writer *w;
	int rc = as_writer_open(&w, fd, &header, err);
	if (rc)
		return rc;
	for (int64_t i = 0; i < s->count && !rc; i++)
		rc = as_writer_put(w, &s->kept[i].rec, err);
	if (!rc)
		return as_writer_close(w, NULL, err);
	as_writer_abandon(w);
	return rc;
}

int as_scores_write(const struct as_scores *s, const char *path, const struct as_names *chain, struct as_error *err)
{
	struct as_newfile file;
	int rc = as_newfile_open(&file, path, err);
	if (rc)
		return rc;
	rc = write_records(s, fileno(file.f), chain, err);
	if (!rc)
		return as_newfile_commit(&file, err);
	as_newfile_abandon(&file);
	return as_fail_within(err, "%s", path);
}
