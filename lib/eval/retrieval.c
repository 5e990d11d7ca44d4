#include "eval/retrieval.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "image/image.h"
#include "image/sheet.h"

enum { SIDE = 128, QUERIES = AS_RETRIEVAL_QUERIES, SHOWN = AS_RETRIEVAL_SHOWN, LISTS = AS_RETRIEVAL_LISTS,
	PICTURES = QUERIES * (1 + SHOWN * LISTS) };

/* The columns at the beginning of a table; others may follow. */
static const char head[] = "query\trank\tneighbour\tsimilarity\tquery-label\tlabel";
enum { COLUMNS = 6, LINE = 1 << 16 };

/* An image that some row needs; its pixels come when the stream reaches it. */
struct picture {
	uint64_t seq;
	bool query;   /* it comes from the queries' stream */
	uint8_t *rgb; /* thumbnail, or NULL if not read yet */
	int64_t height, width;
	char class[32];
};

struct hit {
	int picture;
	double similarity;
	int frame;
};

struct list {
	char title[64];
	struct hit hit[QUERIES][SHOWN];
	int shown[QUERIES];
};

struct as_retrieval {
	int queries, found; /* queries that are asked for; that are in the lists */
	int lists, pictures;
	int at; /* the query of the list that was begun to which neighbours are added */
	int query[QUERIES]; /* their indices in `pictures` */
	struct list list[LISTS];
	struct picture picture[PICTURES];
};

int as_retrieval_new(struct as_retrieval **out, int queries, struct as_error *err)
{
	if (queries < 1 || queries > QUERIES)
		return as_fail(err, AS_EARG, "neighbours: %d queries, 1 to %d fit", queries, QUERIES);
	struct as_retrieval *r = calloc(1, sizeof *r);
	if (!r)
		return as_fail(err, AS_EMEM, "neighbours: no memory");
	r->queries = queries;
	*out = r;
	return 0;
}

void as_retrieval_free(struct as_retrieval *r)
{
	for (int i = 0; r && i < r->pictures; i++)
		free(r->picture[i].rgb);
	free(r);
}

/* ---- lists ---- */

static int want(struct as_retrieval *r, uint64_t seq, bool query)
{
	for (int i = 0; i < r->pictures; i++)
		if (r->picture[i].seq == seq && r->picture[i].query == query)
			return i;
	r->picture[r->pictures] = (struct picture){.seq = seq, .query = query};
	return r->pictures++;
}

int as_retrieval_begin(struct as_retrieval *r, const char *title, struct as_error *err)
{
	if (r->lists == LISTS)
		return as_fail(err, AS_EARG, "neighbours: more than %d tables", LISTS);
	struct list *l = &r->list[r->lists];
	memset(l->shown, 0, sizeof l->shown);
	snprintf(l->title, sizeof l->title, "%s", title);
	r->at = -1;
	return 0;
}

int as_retrieval_add(struct as_retrieval *r, const struct as_neighbour *l, struct as_error *err)
{
	struct list *list = &r->list[r->lists];
	r->at += l->rank == 1;
	int at = r->at;
	if (at < 0)
		return as_fail(err, AS_EDATA, "the first neighbour is not of rank 1");
	if (at >= r->queries)
		return 1;
	/* In the first list a query begins with its neighbour of rank 1; later lists have the same queries. */
	bool known = r->lists || l->rank != 1;
	if (known && ((r->lists && at >= r->found) || r->picture[r->query[at]].seq != l->query))
		return as_fail(err, AS_EDATA, "query %" PRIu64 ": %s", l->query,
			       r->lists ? "not among those of the first table" : "among the neighbours of another");
	if (!known)
		r->query[at] = want(r, l->query, true);
	int frame = l->label < 0 || l->query_label < 0 ? AS_NO_COLOUR : l->label == l->query_label ? AS_GREEN : AS_RED;
	if (list->shown[at] < SHOWN)
		list->hit[at][list->shown[at]++] = (struct hit){want(r, l->neighbour, false), l->similarity, frame};
	return 0;
}

int as_retrieval_end(struct as_retrieval *r, struct as_error *err)
{
	int found = r->at + 1 < r->queries ? r->at + 1 : r->queries;
	if (!found || (r->lists && found != r->found))
		return as_fail(err, AS_EDATA, "%d queries, the first table has %d", found, r->found);
	r->found = found;
	r->lists++;
	return 0;
}

/* ---- tables ---- */

/* The next field of a line, which is ended by a 0 in place; NULL if there is none. */
static char *field(char **at)
{
	char *text = *at, *end = text ? text + strcspn(text, "\t\n") : NULL;
	if (!end || !*end) /* a line ends with a newline */
		return NULL;
	*at = *end == '\t' ? end + 1 : NULL;
	*end = '\0';
	return text;
}

static int parse_label(const char *text, int64_t *label, struct as_error *err)
{
	*label = -1;
	return *text ? as_parse_i64(text, 0, INT64_MAX, label, err) : 0;
}

static int parse_line(char *text, struct as_neighbour *l, struct as_error *err)
{
	char *f[COLUMNS];
	int n = 0;
	while (n < COLUMNS && (f[n] = field(&text)))
		n++;
	if (n < COLUMNS || as_parse_u64(f[0], 0, UINT64_MAX, &l->query, err) ||
	    as_parse_u64(f[1], 1, INT64_MAX, &l->rank, err) ||
	    as_parse_u64(f[2], 0, UINT64_MAX, &l->neighbour, err) || as_parse_f64(f[3], -2, 2, &l->similarity, err) ||
	    parse_label(f[4], &l->query_label, err) || parse_label(f[5], &l->label, err))
		return as_fail(err, AS_EDATA, "not a line of a table of neighbours");
	return 0;
}

/* Reads the lines behind the first into the list that was begun. */
static int read_lines(struct as_retrieval *r, FILE *f, char *line, struct as_error *err)
{
	struct as_neighbour l;
	int rc = 0;
	if (!fgets(line, LINE, f) || strncmp(line, head, sizeof head - 1) || !strchr("\t\n", line[sizeof head - 1]))
		return as_fail(err, AS_EDATA, "not a table of neighbours");
	for (int n = 2; !rc && fgets(line, LINE, f); n++) {
		rc = parse_line(line, &l, err);
		if (!rc)
			rc = as_retrieval_add(r, &l, err);
		if (rc < 0)
			as_fail_within(err, "line %d", n);
	}
	if (rc < 0)
		return rc;
	return ferror(f) ? as_fail_errno(err, "reading") : as_retrieval_end(r, err);
}

int as_retrieval_list(struct as_retrieval *r, const char *title, const char *path, struct as_error *err)
{
	int rc = as_retrieval_begin(r, title, err);
	if (rc)
		return rc;
	char *line = malloc(LINE);
	if (!line)
		return as_fail(err, AS_EMEM, "neighbours: no memory for a line");
	int fd = as_path_open(path, AS_PATH_FILE | AS_PATH_PIPE, err);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f) {
		rc = fd < 0 ? fd : as_fail(err, AS_EMEM, "%s: no memory", path);
		if (fd >= 0)
			close(fd);
		free(line);
		return rc;
	}
	rc = read_lines(r, f, line, err);
	free(line);
	fclose(f);
	return rc ? as_fail_within(err, "%s", path) : 0;
}

/* ---- pictures ---- */

static int keep(struct picture *p, const struct as_record *rec, const struct as_header *h, struct as_error *err)
{
	size_t bytes;
	int rc = as_image_bytes(&rec->image, &bytes, err);
	if (rc)
		return rc;
	uint8_t *rgb = malloc(bytes), *thumb = malloc((size_t)3 * SIDE * SIDE);
	if (!rgb || !thumb)
		rc = as_fail(err, AS_EMEM, "image: no memory for %zu bytes", bytes);
	else
		rc = as_image_decode(&rec->image, rgb, NULL, err);
	if (!rc) {
		as_sheet_thumb(rgb, rec->image.height, rec->image.width, SIDE, thumb, &p->height, &p->width);
		const char *class = rec->label >= 0 ? as_names_at(&h->classes, rec->label) : NULL;
		snprintf(p->class, sizeof p->class, "%s", class ? class : "");
		p->rgb = thumb;
	}
	free(rgb);
	if (rc)
		free(thumb);
	return rc;
}

int as_retrieval_images(struct as_retrieval *r, struct as_reader *reader, bool queries, struct as_error *err)
{
	struct as_record rec;
	int left = 0, got = 1;
	for (int i = 0; i < r->pictures; i++)
		left += r->picture[i].query == queries && !r->picture[i].rgb;
	while (left && (got = as_reader_next(reader, &rec, err)) > 0)
		for (int i = 0; i < r->pictures; i++) {
			struct picture *p = &r->picture[i];
			if (p->query != queries || p->seq != rec.seq || p->rgb)
				continue;
			int rc = keep(p, &rec, as_reader_header(reader), err);
			if (rc)
				return rc;
			left--;
		}
	if (got < 0)
		return got;
	for (int i = 0; left && i < r->pictures; i++)
		if (r->picture[i].query == queries && !r->picture[i].rgb)
			return as_fail(err, AS_EDATA, "no image of seq %" PRIu64 ", which a table names",
				       r->picture[i].seq);
	return 0;
}

/* ---- the sheet ---- */

static struct as_cell cell(const struct picture *p, int frame, const char *caption)
{
	return (struct as_cell){.rgb = p->rgb, .height = p->height, .width = p->width, .frame = frame, .caption = caption};
}

static int draw_row(const struct as_retrieval *r, const struct list *l, int q, struct as_sheet *sheet,
		    struct as_error *err)
{
	struct as_cell row[1 + SHOWN];
	char caption[1 + SHOWN][128];
	const struct picture *query = &r->picture[r->query[q]];
	snprintf(caption[0], sizeof caption[0], "%s\n%s", query->class, l->title);
	row[0] = cell(query, AS_NO_COLOUR, caption[0]);
	for (int i = 0; i < l->shown[q]; i++) {
		const struct hit *h = &l->hit[q][i];
		const struct picture *p = &r->picture[h->picture];
		snprintf(caption[i + 1], sizeof caption[0], "%s\n%.3f", p->class, h->similarity);
		row[i + 1] = cell(p, h->frame, caption[i + 1]);
	}
	return as_sheet_row(sheet, row, 1 + l->shown[q], err);
}

int as_retrieval_write(const struct as_retrieval *r, const char *path, struct as_error *err)
{
	struct as_sheet *sheet;
	int columns = 0;
	for (int l = 0; l < r->lists; l++)
		for (int q = 0; q < r->found; q++)
			columns = r->list[l].shown[q] > columns ? r->list[l].shown[q] : columns;
	int rc = as_sheet_new(&sheet, 1 + columns, SIDE, err);
	if (rc)
		return rc;
	rc = as_sheet_text(sheet, "Nearest neighbours; green: same label", columns < 3 ? 1 : 2, err);
	for (int q = 0; !rc && q < r->found; q++)
		for (int l = 0; !rc && l < r->lists; l++)
			rc = draw_row(r, &r->list[l], q, sheet, err);
	if (!rc)
		rc = as_sheet_write(sheet, path, err);
	as_sheet_free(sheet);
	return rc;
}
