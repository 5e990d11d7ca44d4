#include "features.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "eval/match.h"
#include "common.h"

const char *file_name(const char *path)
{
	return path && strcmp(path, "-") ? path : "(stdin)";
}

struct as_features load_features(const char *path, const char *label, bool needed)
{
	struct as_features f;
	struct as_error err = {.record = -1};
	struct as_reader *r = open_input_file(path, "feature");
	if (as_features_read(&f, r, label, needed, &err))
		die_error(as_reader_name(r), &err);
	as_reader_close(r);
	return f;
}

void match_features(const char *learnt_path, struct as_features *learnt, const char *path,
		    struct as_features *asked)
{
	struct as_error err = {.record = -1};
	if (asked->d != learnt->d)
		die(EXIT_DATA, "%s: features %lld wide, those of %s are %lld", file_name(path), (long long)asked->d,
		    file_name(learnt_path), (long long)learnt->d);
	if (as_features_match(learnt, asked, &err))
		die_error(file_name(path), &err);
}

void warn_unlearnt(const char *learnt_path, const struct as_classes *learnt, const char *path,
		   const struct as_features *f, const char *so)
{
	struct as_classes there = {0};
	struct as_error err = {.record = -1};
	char list[160] = "", one[96];
	int64_t rows = 0;
	if (as_classes_add(&there, f->label, f->n, &err))
		die_error(NULL, &err);
	for (int64_t c = 0; c < there.count; c++)
		if (as_classes_place(learnt, there.label[c]) < 0) {
			const char *name = as_features_class(f, there.label[c]);
			if (name)
				snprintf(one, sizeof one, "'%.80s'", name);
			else
				snprintf(one, sizeof one, "%" PRId64, there.label[c]);
			as_enlist(list, sizeof list, one);
		}
	for (int64_t i = 0; i < f->n; i++)
		rows += f->label[i] >= 0 && as_classes_place(learnt, f->label[i]) < 0;
	if (rows)
		warn("%s: %" PRId64 " of %" PRId64 " rows are of classes that %s lacks, and %s: %s", file_name(path),
		     rows, f->n, file_name(learnt_path), so, list);
	as_classes_clear(&there);
}

struct shared shared_rows(const struct as_features *learnt, const struct as_features *asked)
{
	struct as_error err = {.record = -1};
	struct shared s = {.of = asked->n};
	if (as_features_shared(learnt, asked, &s.ids, &s.rows, &err))
		die_error(NULL, &err);
	return s;
}

void warn_shared(const struct shared *s, const char *learnt_path, const char *path, const char *so)
{
	if (s->rows)
		warn("%s: %" PRId64 " of %" PRId64 " rows are in %s too, with the same id and values: %s", file_name(path),
		     s->rows, s->of, file_name(learnt_path), so);
}

void put_text(FILE *f, const char *text)
{
	char plain[4100]; /* a record's name has at most 4096 bytes */
	snprintf(plain, sizeof plain, "%s", text ? text : "");
	as_plain(plain);
	fputs(plain, f);
}
