#include "eval/report_page.h"

#include <inttypes.h>
#include <string.h>

#include "base/version.h"
#include "eval/html.h"

/* ---- sections ---- */

/* The heading that item i begins a section with, or NULL; *after is text behind it. */
static const char *heading_of(const struct as_report *r, int i, const char **after)
{
	const struct as_report_item *item = &r->item[i];
	*after = "";
	switch (item->kind) {
	case AS_REPORT_GRID: return r->grid[item->at].title;
	case AS_REPORT_CURVES: return r->log[item->at].title;
	case AS_REPORT_SCATTER: return r->scatter[item->at].title;
	case AS_REPORT_BARS: *after = ", as bars"; return r->grid[item->at].title;
	case AS_REPORT_SHEET: return i && r->item[i - 1].kind == AS_REPORT_SHEET ? NULL : "Pictures";
	case AS_REPORT_TEXT: break;
	}
	return NULL;
}

static bool has_origin(const struct as_report *r)
{
	return r->commands || r->seals || r->times;
}

static void put_contents(FILE *f, const struct as_report *r)
{
	const char *after, *heading;
	int sections = has_origin(r);
	for (int i = 0; i < r->items; i++)
		sections += heading_of(r, i, &after) != NULL;
	if (sections < 2)
		return;
	fputs("<nav aria-label=\"Contents\">\n<ul>\n", f);
	for (int i = 0; i < r->items; i++)
		if ((heading = heading_of(r, i, &after)))
			as_html(f, "<li><a href=\"#section-%d\">%s%S</a></li>\n", i + 1, heading, after);
	if (has_origin(r))
		fputs("<li><a href=\"#origin\">How it was made</a></li>\n", f);
	fputs("</ul>\n</nav>\n", f);
}

static void put_sheet(FILE *f, const struct as_report_sheet *s)
{
	as_html(f, "<figure class=\"sheet\">\n<figcaption>%s</figcaption>\n<img alt=\"%s\" width=\"%d\" height=\"%d\" "
		"src=\"data:image/png;base64,", s->caption, s->caption, s->width, s->height);
	as_html_base64(f, s->png, s->bytes);
	fputs("\">\n</figure>\n", f);
}

static int put_item(struct as_report_page *p, const struct as_report_item *item, struct as_error *err)
{
	switch (item->kind) {
	case AS_REPORT_TEXT: as_html(p->f, "<p>%s</p>\n", item->text); break;
	case AS_REPORT_GRID: as_report_put_grid(p, item->at); break;
	case AS_REPORT_CURVES: return as_report_put_curves(p, item->at, err);
	case AS_REPORT_SCATTER: return as_report_put_scatter(p, item->at, err);
	case AS_REPORT_BARS: return as_report_put_bars(p, item->at, err);
	case AS_REPORT_SHEET: put_sheet(p->f, &p->report->sheet[item->at]); break;
	}
	return 0;
}

static int put_items(struct as_report_page *p, struct as_error *err)
{
	const char *after, *heading;
	int rc = 0;
	for (int i = 0; !rc && i < p->report->items; i++) {
		if ((heading = heading_of(p->report, i, &after)))
			as_html(p->f, "<h2 id=\"section-%d\">%s%S</h2>\n", i + 1, heading, after);
		rc = put_item(p, &p->report->item[i], err);
	}
	return rc;
}

/* ---- where it comes from ---- */

static void begin_list(FILE *f, const char *caption, const char *first, const char *second, const char *third)
{
	as_html(f, "<h3>%s</h3>\n<div class=\"wide\" role=\"region\" aria-label=\"%s\" tabindex=\"0\">\n"
		"<table class=\"plain\">\n<caption>%s</caption>\n<thead>\n"
		"<tr><th scope=\"col\">%s</th><th scope=\"col\"%S>%s</th>", caption, caption, caption, first,
		third ? "" : " class=\"figure\"", second);
	if (third)
		as_html(f, "<th scope=\"col\">%s</th>", third);
	fputs("</tr>\n</thead>\n<tbody>\n", f);
}

static void end_list(FILE *f)
{
	fputs("</tbody>\n</table>\n</div>\n", f);
}

/* Each word is an element, which no line ends within: not at the hyphens of an option. */
static void put_words(FILE *f, const char *text)
{
	while (*text) {
		char word[1024];
		size_t blank = strspn(text, " "), n = strcspn(text + blank, " ");
		fprintf(f, "%.*s", (int)blank, text);
		text += blank;
		if (n >= sizeof word) {
			as_html(f, "%s", text);
			return;
		}
		snprintf(word, sizeof word, "%.*s", (int)n, text);
		if (n)
			as_html(f, "<span>%s</span>", word);
		text += n;
	}
}

static void put_commands(FILE *f, const struct as_report *r)
{
	if (r->commands)
		fputs("<h3>Commands</h3>\n", f);
	for (int i = 0; i < r->commands; i++) {
		fputs("<pre>", f);
		put_words(f, r->command[i]);
		fputs("</pre>\n", f);
	}
}

static void put_seals(FILE *f, const struct as_report *r)
{
	if (!r->seals)
		return;
	begin_list(f, "Seals", "what", "XXH64", "file");
	for (int i = 0; i < r->seals; i++) {
		const char *slash = strrchr(r->seal[i].path, '/');
		as_html(f, "<tr><th scope=\"row\">%s</th><td><code>", r->seal[i].name);
		fprintf(f, "%016" PRIx64 "</code></td>", r->seal[i].hash);
		as_html(f, "<td>%s</td></tr>\n", slash ? slash + 1 : r->seal[i].path);
	}
	end_list(f);
	fputs("<p class=\"legend\">Two runs with the same seal wrote the same bytes.</p>\n", f);
}

static void put_times(FILE *f, const struct as_report *r)
{
	double all = 0;
	if (!r->times)
		return;
	begin_list(f, "Hours", "what", "hours", NULL);
	for (int i = 0; i < r->times; i++) {
		as_html(f, "<tr><th scope=\"row\">%s</th>", r->time[i].name);
		fprintf(f, "<td class=\"figure\">%.3f</td></tr>\n", r->time[i].seconds / 3600);
		all += r->time[i].seconds;
	}
	if (r->times > 1)
		fprintf(f, "<tr><th scope=\"row\">together</th><td class=\"figure\">%.3f</td></tr>\n", all / 3600);
	end_list(f);
}

/* ---- the page ---- */

static void begin_page(FILE *f, const struct as_report *r, const struct as_report_live *live)
{
	const char *title = r->title ? r->title : "Report";
	as_html(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n", title);
	if (live)
		fprintf(f, "<meta http-equiv=\"refresh\" content=\"%d\">\n", live->seconds);
	as_html(f, "<link rel=\"icon\" href=\"data:,\">\n<style>\n%S</style>\n"
		"</head>\n<body>\n<header>\n<h1>%s</h1>\n", as_report_style, title);
	if (live)
		as_report_put_live(f, live);
	if (r->scale && !strcmp(r->scale, "smoke"))
		as_html(f, "<p class=\"scale smoke\"><strong>Scale smoke proves nothing.</strong> %s</p>\n", r->scale_text);
	else if (r->scale)
		as_html(f, "<p class=\"scale\"><strong>Scale %s.</strong> %s</p>\n", r->scale, r->scale_text);
	put_contents(f, r);
	fputs("</header>\n<main>\n", f);
}

int as_report_page(const struct as_report *r, const char *program, FILE *f, struct as_error *err)
{
	return as_report_page_live(r, program, NULL, f, err);
}

int as_report_page_live(const struct as_report *r, const char *program, const struct as_report_live *live, FILE *f,
			struct as_error *err)
{
	struct as_report_page p = {.report = r, .f = f};
	begin_page(f, r, live);
	int rc = put_items(&p, err);
	if (has_origin(r))
		fputs("<h2 id=\"origin\">How it was made</h2>\n", f);
	put_commands(f, r);
	put_seals(f, r);
	put_times(f, r);
	as_html(f, "</main>\n<footer>\n<p>Made by %s with libaugself %s", program, as_version());
	if (r->scale)
		as_html(f, "; scale: %s", r->scale);
	fputs(".</p>\n</footer>\n</body>\n</html>\n", f);
	return rc;
}
