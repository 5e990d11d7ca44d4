#include <math.h>
#include <string.h>

#include "eval/html.h"
#include "eval/report_page.h"

int as_report_decimals(const struct as_report *r, const struct as_report_grid *g, int column)
{
	double most = 0;
	for (int row = 0; row < g->rows; row++) {
		struct as_report_summary s = as_report_cell(r, g, row, column);
		if (s.seeds && as_report_cell_at(g, row, column)->percent)
			return 2;
		if (s.seeds)
			most = fmax(most, fabs(s.mean));
	}
	return most >= 1000 ? 0 : most >= 100 ? 1 : most >= 10 ? 2 : most >= 1 ? 3 : most >= 0.1 ? 4 : 5;
}

/* What of its notation a table uses, so that the legend explains that much and no more. */
struct uses {
	bool seeds, own, mixed, gain, colour, less, published, independent, recalled, linear;
	int fewest, most; /* seeds of a cell that has several */
};

static void note_cell(struct uses *u, const struct as_report_grid *g, int column, const struct as_report_summary *s)
{
	if (s->seeds > 1) {
		u->fewest = !u->seeds || s->seeds < u->fewest ? s->seeds : u->fewest;
		u->most = s->seeds > u->most ? s->seeds : u->most;
		u->seeds = true;
	}
	u->own = u->own || (s->own && !isnan(s->half));
	u->gain = u->gain || !isnan(s->gain);
	u->colour = u->colour || s->better;
	bool independent = !strcmp(s->evidence, "independent"), recalled = !strcmp(s->evidence, "recalled");
	u->independent = u->independent || independent;
	u->recalled = u->recalled || recalled;
	u->published = u->published || (*s->published && !independent && !recalled);
	u->linear = u->linear || (*s->published && !strcmp(g->column[column].metric, "linear"));
}

static struct uses uses_of(const struct as_report *r, const struct as_report_grid *g)
{
	struct uses u = {0};
	for (int column = 0; column < g->columns; column++) {
		u.less = u.less || g->column[column].less;
		for (int row = 0; row < g->rows; row++) {
			struct as_report_summary s = as_report_cell(r, g, row, column);
			note_cell(&u, g, column, &s);
		}
	}
	u.mixed = u.seeds && u.own;
	return u;
}

/* ---- reasons for empty cells: numbered by their first cell ---- */

/* The reason of cell i in reading order, or NULL. */
static const char *reason_at(const struct as_report *r, const struct as_report_grid *g, int i)
{
	return as_report_cell(r, g, i / g->columns, i % g->columns).why;
}

/* Whether cell i is the first with its reason. */
static bool is_first(const struct as_report *r, const struct as_report_grid *g, int i)
{
	const char *why = reason_at(r, g, i);
	for (int k = 0; why && k < i; k++) {
		const char *other = reason_at(r, g, k);
		if (other && !strcmp(other, why))
			return false;
	}
	return why;
}

/* The number of a reason, from 1. */
static int reason_number(const struct as_report *r, const struct as_report_grid *g, const char *why)
{
	int n = 0;
	for (int i = 0; i < g->rows * g->columns; i++) {
		n += is_first(r, g, i);
		const char *here = reason_at(r, g, i);
		if (here && !strcmp(here, why))
			break;
	}
	return n;
}

static void put_reasons(struct as_report_page *p, const struct as_report_grid *g, int at)
{
	int n = 0;
	for (int i = 0; i < g->rows * g->columns; i++) {
		if (!is_first(p->report, g, i))
			continue;
		if (!n++)
			fputs("<ol class=\"notes\">\n", p->f);
		as_html(p->f, "<li id=\"note-%d-%d\">%s</li>\n", at, n, reason_at(p->report, g, i));
	}
	if (n)
		fputs("</ol>\n", p->f);
}

/* ---- cells ---- */

static void put_published(FILE *f, const struct as_report_summary *s)
{
	if (!*s->published)
		return;
	if (!strcmp(s->evidence, "recalled"))
		as_html(f, "<span class=\"pub recalled\">(publ. %s)</span>", s->published);
	else
		as_html(f, "<span class=\"pub\">%S %s</span>", strcmp(s->evidence, "independent") ? "publ." : "indep.", s->published);
}

static void put_cell(struct as_report_page *p, const struct as_report_grid *g, int at, const struct as_report_summary *s,
		     bool mixed, int decimals)
{
	FILE *f = p->f;
	fputs(s->better ? s->better > 0 ? "<td class=\"better\">" : "<td class=\"worse\">" : "<td>", f);
	if (s->seeds) {
		as_html_number(f, s->mean, decimals, 0);
		if (!isnan(s->half))
			fprintf(f, " <small>±%.*f%s</small>", decimals, s->half, mixed && s->own ? "†" : "");
	} else {
		int n = reason_number(p->report, g, s->why);
		as_html(f, "<span class=\"none\">–<sup><a href=\"#note-%d-%d\">%d</a></sup></span>", at, n, n);
	}
	if (!isnan(s->gain)) {
		as_html(f, "<span class=\"gain\">%S", s->better ? s->better > 0 ? "▲ " : "▼ " : "");
		as_html_number(f, s->gain, decimals, 1);
		fputs("</span>", f);
	}
	put_published(f, s);
	fputs("</td>", f);
}

static void put_heading(FILE *f, const struct as_report_grid *g)
{
	fputs("<thead>\n<tr><td></td>", f);
	for (int i = 0; i < g->columns; i++)
		as_html(f, "<th scope=\"col\">%s%S</th>", g->column[i].heading,
			g->column[i].less ? "<span class=\"aside\">less is better</span>" : "");
	fputs("</tr>\n</thead>\n", f);
}

/* ---- what the signs mean ---- */

static void put_intervals(FILE *f, const struct uses *u)
{
	if (u->seeds && u->fewest == u->most)
		as_html(f, "Figures are means over %d seeds", u->most);
	else if (u->seeds)
		as_html(f, "Figures are means over %d to %d seeds", u->fewest, u->most);
	if (u->seeds)
		fputs(", ± the half width of the 95&nbsp;% interval (Student’s t over the seeds). ", f);
	if (u->own)
		as_html(f, "%SOne seed: ± is the 95&nbsp;%% interval of the score itself, "
			"which knows nothing of what another seed would give. ", u->mixed ? "† " : "");
}

static void put_legend(FILE *f, const struct uses *u)
{
	fputs("<p class=\"legend\">", f);
	put_intervals(f, u);
	if (u->gain)
		as_html(f, "Below stands the gain over the row named at the left%S. ",
			u->colour ? ": coloured, ▲ for the better and ▼ for the worse, where the two 95&nbsp;% intervals part"
				  : "; nowhere do the two 95&nbsp;% intervals part");
	if (u->published)
		fputs("<i>publ.</i>: the published figure. ", f);
	if (u->independent)
		fputs("<i>indep.</i>: measured by another laboratory. ", f);
	if (u->recalled)
		fputs("Grey and in brackets: published, but only recalled: not confirmed by a second source. ", f);
	fputs("</p>\n", f);
	if (u->linear)
		fputs("<p class=\"legend\">The protocols differ: linear classifiers are learnt here up to the optimum of their problem. "
		      "The authors’ release stops its L-BFGS short of it, by up to 2.5 points on badly scaled features, and may choose "
		      "another regularisation. A difference of that size from a published figure is not one of the features.</p>\n", f);
}

void as_report_put_grid(struct as_report_page *p, int at)
{
	const struct as_report_grid *g = &p->report->grid[at];
	struct uses u = uses_of(p->report, g);
	as_html(p->f, "<div class=\"wide\" role=\"region\" aria-labelledby=\"caption-%d\" tabindex=\"0\">\n<table>\n"
		"<caption id=\"caption-%d\">%s</caption>\n", at, at, g->title);
	put_heading(p->f, g);
	fputs("<tbody>\n", p->f);
	for (int row = 0; row < g->rows; row++) {
		const struct as_report_row *line = &g->row[row];
		as_html(p->f, "<tr><th scope=\"row\">%s", line->heading);
		if (line->base >= 0)
			as_html(p->f, "<span class=\"aside\">gain over %s</span>", g->row[line->base].heading);
		fputs("</th>", p->f);
		for (int column = 0; column < g->columns; column++) {
			struct as_report_summary s = as_report_cell(p->report, g, row, column);
			put_cell(p, g, at, &s, u.mixed, as_report_decimals(p->report, g, column));
		}
		fputs("</tr>\n", p->f);
	}
	fputs("</tbody>\n</table>\n</div>\n", p->f);
	put_legend(p->f, &u);
	put_reasons(p, g, at);
}
