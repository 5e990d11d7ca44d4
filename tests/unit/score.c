/* Scores: a line of the table and a record for each, which say the same. */
#include "eval/score.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../tap.h"

static struct as_error err;

/* A figure in percent, and one of which little is known. */
static struct as_score percent(double value, const char *setting)
{
	return (struct as_score){
		.metric = as_text_of("top1"), .probe = as_text_of("linear"), .label = as_text_of("colour"),
		.setting = as_text_of(setting), .unit = as_text_of("%"), .value = value, .interval = 1.0 / 3,
		.chance = 12.5, .n = 7, .classes = 8, .model = as_text_of("feat-extract 1"), .data = as_text_of("a\tb | c\033"),
	};
}

static struct as_score bare(double value)
{
	return (struct as_score){.metric = as_text_of("mse"), .probe = as_text_of("aware"), .value = value,
				 .interval = NAN, .chance = NAN, .n = 7};
}

static bool same_text(struct as_text a, const char *b)
{
	return a.length == strlen(b) && !memcmp(a.at, b, a.length);
}

static void table(const char *text)
{
	const char *first = strchr(text, '\n');
	static const char lines[] = "\ntop1\t33.33\t0.33\t7\t8\tcolour\tlinear\tw=1\t12.50\t%\tfeat-extract 1\ta?b | c?\t\n"
				    "top1\t50.00\t0.33\t7\t8\tcolour\tlinear\tw=2\t12.50\t%\tfeat-extract 1\ta?b | c?\t\n"
				    "mse\t0.00123457\t\t7\t0\t\taware\t\t\t\t\t\t\n";
	ok(first && !strncmp(text, "metric\tvalue\tinterval\tn\tclasses\tlabel\tprobe\tsetting\t", 51), "first the heading");
	if (!ok(first && !strcmp(first, lines), "then a line for each, of as many fields"))
		note("%s", text);
}

static void stream(const char *path)
{
	struct as_reader *r;
	struct as_record rec[3];
	int fd = open(path, O_RDONLY), good = 0;
	if (!ok(!as_reader_open(&r, fd, path, "score", &err), "a stream of kind score %s", err.text))
		return;
	const struct as_header *h = as_reader_header(r);
	ok(h->records == 3 && h->epochs == 1 && h->chain.count == 2, "with its count and its chain");
	uint64_t id[3] = {0};
	for (int i = 0; i < 3 && as_reader_next(r, &rec[i], &err) == 1; i++) {
		const struct as_score *s = &rec[i].score;
		id[i] = rec[i].id;
		good += rec[i].seq == (uint64_t)i;
		good += i < 2 ? s->value == (i ? 50 : 100.0 / 3) && s->interval == 1.0 / 3 && s->chance == 12.5 &&
					same_text(s->data, "a\tb | c\033") && same_text(s->setting, i ? "w=2" : "w=1")
			      : s->value == 1 / 810.0 && isnan(s->interval) && isnan(s->chance) && !s->classes && !s->unit.length;
	}
	is_int(good, 6, "every figure is there to the last bit");
	ok(id[0] != id[1] && id[1] != id[2], "another setting is another measurement");
	as_reader_close(r);
	close(fd);
}

int main(void)
{
	struct as_scores s = {0};
	char *text = NULL, path[] = "/tmp/as-score-XXXXXX";
	size_t bytes;
	struct as_names chain = {0};
	const struct as_score score[] = {percent(100.0 / 3, "w=1"), percent(50, "w=2"), bare(1 / 810.0)};
	int bad = 0;
	s.table = open_memstream(&text, &bytes);
	for (int i = 0; i < 3; i++)
		bad += as_scores_add(&s, &score[i], &err) != 0;
	ok(!bad && s.count == 3, "three scores %s", err.text);
	fclose(s.table);
	table(text);
	int fd = mkstemp(path);
	bad = as_names_add(&chain, "feat-extract 1", &err) || as_names_add(&chain, "linprobe 1", &err) ||
	      as_scores_write(&s, path, &chain, &err);
	if (ok(!bad, "written %s", err.text))
		stream(path);
	struct as_score infinite = bare(INFINITY);
	s.table = NULL;
	ok(!as_scores_add(&s, &infinite, &err) && as_scores_write(&s, path, &chain, &err) == AS_EDATA &&
		   strstr(err.text, "value: not a finite number"), "a figure that is not finite is in no stream: %s", err.text);
	stream(path); /* what was there before is there still */
	as_scores_clear(&s);
	as_names_clear(&chain);
	free(text);
	close(fd);
	unlink(path);
	return done();
}
