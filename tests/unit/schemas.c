/* schemas/KIND.md against the field table of the kind, in both directions, and
 * its examples: the hex is what our reader reads as the JSON, and what our writer
 * writes of it. */
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "stream/schema.h"
#include "stream/show.h"

#include "../tap.h"

/* "u64", or "tensor <f4 of 2 dimensions": as the pages say it, whose tables would
 * end a cell at the | of |u1. */
static void type_words(const struct as_field *f, char *out, size_t room)
{
	static const char *const word[] = {"u64", "i64", "f64", "text", "tensor", "image", "text", "texts", "shard"};
	int n = snprintf(out, room, "%s", word[f->type]);
	if (f->type != AS_T_TENSOR)
		return;
	for (int d = AS_U1; d <= AS_F8; d++)
		if (f->flags & AS_DTYPE(d))
			n += snprintf(out + n, room - (size_t)n, " %s",
				      as_dtype_name((enum as_dtype)d) + (d == AS_U1));
	snprintf(out + n, room - (size_t)n, " of %u dimensions", f->flags >> AS_DIMS_SHIFT & 15);
}

/* The lines "| `key` | type | yes | limit | ..." of a page, in the table's order. */
static void check_table(const struct as_schema *s, const char *page)
{
	int rows = 0;
	for (const char *line = page; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		char key[32], type[64], required[8], want[64];
		unsigned long long limit;
		if (sscanf(line, "| `%31[^`]` | %63[^|]| %7[a-z] | %llu |", key, type, required, &limit) != 4)
			continue;
		for (char *e = type + strlen(type); e > type && e[-1] == ' ';)
			*--e = 0;
		if (rows >= s->fields)
			ok(false, "%s.md: row %s is not in the table in code", s->kind, key);
		else {
			const struct as_field *f = &s->field[rows];
			type_words(f, want, sizeof want);
			ok(!strcmp(f->key, key) && !strcmp(type, want) && limit == f->max &&
				   !strcmp(required, !(f->flags & AS_REQUIRED) ? "no" : as_field_role(f) ? "role" : "yes"),
			   "%s.md: %s is as in the code (%s, at most %llu)", s->kind, f->key, want, (unsigned long long)f->max);
		}
		rows++;
	}
	is_int(rows, s->fields, "the page has a row for every field");
	char most[64];
	snprintf(most, sizeof most, "at most %llu bytes", (unsigned long long)s->max_bytes);
	ok(strstr(page, most) != NULL, "%s.md: a record has %s", s->kind, most);
}

/* The text of the next ```name block at or after *at, malloc'd; NULL: none. */
static char *block(const char **at, const char *name)
{
	char start[16];
	snprintf(start, sizeof start, "\n```%s\n", name);
	const char *from = strstr(*at, start);
	if (!from)
		return NULL;
	from += strlen(start);
	const char *to = strstr(from, "\n```");
	*at = to;
	return strndup(from, (size_t)(to - from));
}

static size_t unhex(const char *text, unsigned char *out, size_t room)
{
	size_t n = 0;
	for (; *text && n < room; text++) {
		unsigned byte;
		if (isspace((unsigned char)*text))
			continue;
		if (sscanf(text, "%2x", &byte) != 1)
			return 0;
		out[n++] = (unsigned char)byte;
		text++;
	}
	return n;
}

static FILE *header_of(const char *kind, struct as_writer **w, struct as_error *err)
{
	struct as_header h = {0};
	FILE *f = tmpfile();
	strcpy(h.kind, kind);
	if (as_writer_open(w, fileno(f), &h, err) || as_writer_flush(*w, err))
		ok(false, "%s", err->text);
	return f;
}

static void check_example(const struct as_schema *s, const char *text, const char *hex)
{
	struct as_error err = {0};
	struct as_writer *w, *again;
	struct as_reader *r = NULL;
	struct as_record rec;
	unsigned char bytes[4096], back[8192];
	size_t n = unhex(hex, bytes, sizeof bytes);
	FILE *f = header_of(s->kind, &w, &err), *g = header_of(s->kind, &again, &err);
	as_writer_abandon(w);
	off_t start = lseek(fileno(f), 0, SEEK_END);
	bool good = write(fileno(f), bytes, n) == (ssize_t)n && !lseek(fileno(f), 0, SEEK_SET) &&
		    !as_reader_open(&r, fileno(f), "hex", s->kind, &err) && as_reader_next(r, &rec, &err) == 1;
	if (ok(good, "%s.md: the hex is a record %s", s->kind, err.text)) {
		char *line = NULL;
		size_t length;
		FILE *m = open_memstream(&line, &length);
		good = !as_show_record(m, &(struct as_show){.full = true}, s->kind, &rec, &err);
		fclose(m);
		json_t *want = json_loads(text, 0, NULL), *got = json_loads(line, 0, NULL);
		if (!ok(good && want && got && json_equal(want, got), "%s.md: which is the JSON", s->kind))
			note("%s", line);
		json_decref(want);
		json_decref(got);
		free(line);
		ok(!as_writer_put(again, &rec, &err) && !as_writer_flush(again, &err) &&
			   pread(fileno(g), back, sizeof back, start) == (ssize_t)n && !memcmp(back, bytes, n),
		   "%s.md: our writer writes the same bytes", s->kind);
	}
	as_reader_close(r);
	as_writer_abandon(again);
	fclose(f);
	fclose(g);
}

int main(void)
{
	for (int i = 0; as_schema_at(i); i++) {
		const struct as_schema *s = as_schema_at(i);
		char path[64], *page = NULL;
		size_t bytes;
		int examples = 0;
		struct as_error err = {0};
		snprintf(path, sizeof path, "schemas/%s.md", s->kind);
		if (!ok(!as_file_read(path, AS_PATH_FILE, 1 << 20, &page, &bytes, &err), "%s is there %s", path, err.text))
			continue;
		check_table(s, page);
		for (const char *at = page;; examples++) {
			char *text = block(&at, "json"), *hex = text ? block(&at, "hex") : NULL;
			if (hex)
				check_example(s, text, hex);
			free(text);
			free(hex);
			if (!hex)
				break;
		}
		ok(examples > 0, "%s has %d examples", path, examples);
		free(page);
	}
	return done();
}
