#include "eval/retrieval.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "image/sheet.h"

enum { SIDE = 128, QUERIES = AS_RETRIEVAL_QUERIES, SHOWN = AS_RETRIEVAL_SHOWN, LISTS = AS_RETRIEVAL_LISTS,
	PICTURES = QUERIES * (1 + SHOWN * LISTS) };

static const char head[] = "query\trank\tneighbour\tsimilarity\tquery-label\tlabel\n";

/* A picture that some row needs, once it has come by. */
struct picture {
	uint64_t seq;
	bool query;   /* from the queries' stream */
	uint8_t *rgb; /* thumbnail, or NULL as yet */
	int64_t height, width;
	char class[32];
};

struct hit {
	int picture;
	double similarity;
	bool right;
};

struct list {
	char title[64];
	struct hit hit[QUERIES][SHOWN];
	int shown[QUERIES];
};

struct as_retrieval {
	int queries, found; /* asked for; in the lists */
	int lists, pictures;
	int query[QUERIES]; /* pictures */
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

/* ---- tables ---- */

static int want(struct as_retrieval *r, uint64_t seq, bool query)
{
	for (int i = 0; i < r->pictures; i++)
		if (r->picture[i].seq == seq && r->picture[i].query == query)
			return i;
	r->picture[r->pictures] = (struct picture){.seq = seq, .query = query};
	return r->pictures++;
}

/* One line into the list; *at is the query it is about, 1 when that was the last. */
static int take_line(struct as_retrieval *r, struct list *l, const char *line, int *at, struct as_error *err)
{
	uint64_t query, neighbour;
	int64_t rank, query_label, label;
	double similarity;
	char end;
	if (sscanf(line, "%" SCNu64 "\t%" SCNd64 "\t%" SCNu64 "\t%lf\t%" SCNd64 "\t%" SCNd64 "%c", &query, &rank,
		   &neighbour, &similarity, &query_label, &label, &end) != 7 || end != '\n')
		return as_fail(err, AS_EDATA, "not a line of a table of neighbours");
	*at += rank == 1;
	if (*at < 0)
		return as_fail(err, AS_EDATA, "the first neighbour is not of rank 1");
	if (*at >= r->queries)
		return 1;
	/* The query is known from its line of rank 1 on, and in a later table from the first one. */
	bool known = r->lists || rank != 1;
	if (known && ((r->lists && *at >= r->found) || r->picture[r->query[*at]].seq != query))
		return as_fail(err, AS_EDATA, "query %" PRIu64 ": %s", query,
			       r->lists ? "not among those of the first table" : "among the neighbours of another");
	if (!known)
		r->query[*at] = want(r, query, true);
	if (l->shown[*at] < SHOWN)
		l->hit[*at][l->shown[*at]++] = (struct hit){want(r, neighbour, false), similarity, label == query_label};
	return 0;
}

int as_retrieval_list(struct as_retrieval *r, const char *title, const char *path, struct as_error *err)
{
	char line[256];
	int at = -1, rc = 0;
	if (r->lists == LISTS)
		return as_fail(err, AS_EARG, "neighbours: more than %d tables", LISTS);
	struct list *l = &r->list[r->lists];
	FILE *f = fopen(path, "r");
	if (!f)
		return as_fail_errno(err, "%s", path);
	snprintf(l->title, sizeof l->title, "%s", title);
	if (!fgets(line, sizeof line, f) || strcmp(line, head))
		rc = as_fail(err, AS_EDATA, "not a table of neighbours");
	for (int n = 2; !rc && fgets(line, sizeof line, f); n++)
		if ((rc = take_line(r, l, line, &at, err)) < 0)
			as_fail_within(err, "line %d", n);
	if (ferror(f) && rc >= 0)
		rc = as_fail_errno(err, "reading");
	int found = at + 1 < r->queries ? at + 1 : r->queries;
	if (rc >= 0 && (!found || (r->lists && found != r->found)))
		rc = as_fail(err, AS_EDATA, "%d queries, the first table has %d", found, r->found);
	fclose(f);
	if (rc < 0)
		return as_fail_within(err, "%s", path);
	r->found = found;
	r->lists++;
	return 0;
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
		row[i + 1] = cell(p, h->right ? AS_GREEN : AS_RED, caption[i + 1]);
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
