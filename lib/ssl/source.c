#include "ssl/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The keys in order, and the likely cause if a value differs. The chain comes first, because it can explain
 * later differences: other options of the reader mean another number of epochs. */
enum { CHAIN, POLICY, EPOCHS, RECORDS, CLASSES, CLASS, KEYS };
static const struct {
	const char *name, *cause;
} keys[KEYS] = {
	[CHAIN] = {"chain", "a command before was another, or had other options; give these again, or another --state"},
	[POLICY] = {"policy", "the views are drawn otherwise"},
	[EPOCHS] = {"epochs", "the source was asked for others"},
	[RECORDS] = {"records", "images were added or removed"},
	[CLASSES] = {"classes", "classes were added or removed"},
	[CLASS] = {"class", "a class was renamed"},
};

/* Writes a line; bytes that are not plain ASCII become \xNN, because metadata must be UTF-8 and names of
 * folders may be anything. */
static void put_text(FILE *f, int key, const char *text, size_t n)
{
	fprintf(f, "%s = ", keys[key].name);
	for (size_t i = 0; i < n; i++)
		fprintf(f, text[i] < ' ' || text[i] > '~' || text[i] == '\\' ? "\\x%02x" : "%c", (unsigned char)text[i]);
	putc('\n', f);
}

static void put_number(FILE *f, int key, uint64_t n)
{
	fprintf(f, "%s = %llu\n", keys[key].name, (unsigned long long)n);
}

static void put_names(FILE *f, int key, const struct as_names *names)
{
	for (int64_t i = 0; i < names->count; i++)
		put_text(f, key, as_names_at(names, i), strlen(as_names_at(names, i)));
}

char *as_source_text(const struct as_header *h)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	put_names(f, CHAIN, &h->chain);
	for (const char *at = h->policy ? h->policy : ""; *at; at += strspn(at, "\n")) {
		size_t n = strcspn(at, "\n");
		put_text(f, POLICY, at, n);
		at += n;
	}
	put_number(f, EPOCHS, h->epochs);
	put_number(f, RECORDS, h->records);
	put_number(f, CLASSES, (uint64_t)h->classes.count);
	put_names(f, CLASS, &h->classes);
	bool bad = ferror(f);
	if (fclose(f) || bad) {
		free(text);
		return NULL;
	}
	return text;
}

/* The key that a line begins with; KEYS: none, as at the end. *value: the text after it. */
static int key_of(const char *line, const char **value)
{
	int key = 0;
	while (key < KEYS) {
		size_t n = strlen(keys[key].name);
		*value = line + n + 3;
		if (!strncmp(line, keys[key].name, n) && !strncmp(line + n, " = ", 3))
			return key;
		key++;
	}
	*value = line;
	return KEYS;
}

/* "'a value'", or "nothing more" if the lines of a key have ended. */
static const char *quote(bool there, const char *value, char *buf, size_t room)
{
	int n = (int)strcspn(value, "\n");
	snprintf(buf, room, "nothing more");
	if (there)
		snprintf(buf, room, "'%.*s'", n < 100 ? n : 100, value);
	if (there && n && strspn(value, "0123456789") == (size_t)n)
		snprintf(buf, room, "%.*s", n < 100 ? n : 100, value);
	return buf;
}

int as_source_compare(const char *state, const char *stream, struct as_error *err)
{
	const char *a, *b;
	char was[128], now[128];
	if (!as_text_differ(&state, &stream))
		return 0;
	int p = key_of(state, &a), q = key_of(stream, &b), key = p < q ? p : q;
	return as_fail(err, AS_EDATA, "%s: the state has %s, the stream %s: %s", key < KEYS ? keys[key].name : "source",
		       quote(p == key && *state, a, was, sizeof was), quote(q == key && *stream, b, now, sizeof now),
		       key < KEYS ? keys[key].cause : "it was written by something else");
}
