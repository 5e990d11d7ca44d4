/* Texts of others on their way to a terminal, and errors on their way up. */
#include <errno.h>

#include "base/text.h"

#include "../tap.h"

static void plain(const char *text, const char *want, const char *what)
{
	char buf[64];
	snprintf(buf, sizeof buf, "%s", text);
	as_plain(buf);
	if (!ok(!strcmp(buf, want), "%s", what))
		note("'%s'", buf);
}

static void controls(void)
{
	plain("a\x1b[2Jb\nc\td\x7f", "a?[2Jb?c?d?", "control characters of ASCII");
	plain("\xc2\x9b" "2J\xc2\x80\xc2\x9f", "?2J??", "of the C1 range, in UTF-8");
	plain("\x9b" "2J\x80\x9f", "?2J??", "of the C1 range, as bytes");
	plain("\xc3\x80\xc3\x9b\xe2\x80\x93\xf0\x9f\x98\x80 \xc2\xa0", "\xc3\x80\xc3\x9b\xe2\x80\x93\xf0\x9f\x98\x80 \xc2\xa0",
	      "letters that hold such bytes stay");
	plain("caf\xe9 \xa0\xff", "caf\xe9 \xa0\xff", "Latin-1 stays");
	plain("\xe0\x82\x9b|\xc2|\xe2\x80|\xed\xa0\x80|\xf4\x90\x80\x80", "\xe0??|\xc2|\xe2?|\xed\xa0?|\xf4???",
	      "what only looks like UTF-8 hides nothing");
	plain("x\xc2", "x\xc2", "ends within a character");
	plain("", "", "nothing");
	int wrong = 0;
	for (unsigned c = 0; c < 0x10000; c++) {
		char s[4] = {(char)c};
		size_t n = 1;
		if (c >= 0x800) {
			memcpy(s, (char[]){(char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63))}, n = 3);
		} else if (c >= 0x80) {
			memcpy(s, (char[]){(char)(0xc0 | c >> 6), (char)(0x80 | (c & 63))}, n = 2);
		}
		bool surrogate = c >= 0xd800 && c < 0xe000, control = c < 0x20 || (c >= 0x7f && c < 0xa0);
		wrong += as_utf8(s, n) != (surrogate ? 0 : n) || as_utf8(s, n - 1) != 0;
		wrong += !surrogate && as_control(s, n) != (control ? n : 0);
	}
	is_int(wrong, 0, "every character of two bytes in UTF-16");
	is_int((int64_t)as_utf8("\xf0\x9f\x98\x80", 4), 4, "and one of four");
}

static void errors(void)
{
	struct as_error e = {0};
	is_int(as_fail(&e, AS_EDATA, "a%c%d", '\n', 7), AS_EDATA, "as_fail returns its code");
	ok(e.code == AS_EDATA && e.record == -1 && !strcmp(e.text, "a?7"), "fills in text and code; of no record: '%s'", e.text);
	e.record = 41;
	is_int(as_fail_within(&e, "field \xc2\x9b%s", "x"), AS_EDATA, "as_fail_within returns the code that was");
	ok(e.code == AS_EDATA && e.record == 41 && !strcmp(e.text, "field ?x: a?7"), "and keeps code and record: '%s'", e.text);
	errno = ENOENT;
	ok(as_fail_errno(&e, "%s", "f") == AS_EIO && e.record == -1 && !strcmp(e.text, "f: No such file or directory"),
	   "a new error is of no record: '%s'", e.text);
	is_int(as_fail(NULL, AS_EARG, "x"), AS_EARG, "no detail is asked for");
	is_int(as_fail_within(NULL, "x"), AS_EDATA, "nor for more of it");
	char longer[1000];
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	as_fail(&e, AS_EDATA, "%s", longer);
	e.record = 3;
	as_fail_within(&e, "%s", longer);
	ok(strlen(e.text) == sizeof e.text - 1 && e.record == 3 && e.code == AS_EDATA, "too long a text is shortened");
}

static void lines(void)
{
	const char *at = "# first\n\n  a = 1 # one\r\n\tb=  two = 2 \nc\n";
	struct as_line line = {0};
	struct as_error e = {0};
	ok(as_line_next(&at, &line, &e) == 1 && line.number == 3 && !strcmp(line.name, "a") && !strcmp(line.value, "1"),
	   "comments and empty lines are left out, and counted");
	ok(as_line_next(&at, &line, &e) == 1 && line.number == 4 && !strcmp(line.name, "b") && !strcmp(line.value, "two = 2"),
	   "blanks around name and value are removed; the first = counts");
	ok(as_line_next(&at, &line, &e) == AS_EDATA && line.number == 5 && !strcmp(e.text, "'c' is not 'name = value'"),
	   "a line without = is refused: '%s'", e.text);
	ok(!as_line_next(&at, &line, &e), "the end");
	char longest[sizeof line.text + 2];
	memset(longest, 'x', sizeof longest);
	longest[1] = '=';
	longest[sizeof line.text - 1] = 0;
	at = longest;
	ok(as_line_next(&at, &line, &e) == 1 && strlen(line.value) == sizeof line.text - 3, "as long as there is room for");
	longest[sizeof line.text - 1] = 'x';
	longest[sizeof line.text] = 0;
	at = longest;
	ok(as_line_next(&at, &line, &e) == AS_EDATA, "one character more: '%s'", e.text);
}

static void near(const char *name, const char *list, const char *want)
{
	struct as_hint hint;
	char end[sizeof hint.text] = "";
	if (*want)
		snprintf(end, sizeof end, "; did you mean '%s'?", want);
	if (!ok(!strcmp(as_near(name, list, &hint), end), "near '%.50s' is '%s'", name, want))
		note("'%s'", hint.text);
}

static const char *name_at(int i)
{
	static const char *const names[] = {"crop", "flip", "color", NULL};
	return names[i];
}

static void nearest(void)
{
	near("colr", "crop, color, flip", "color");
	near("colour", "crop, color, flip", "color");
	near("cxlor", "crop, color, flip", "color");
	near("cloor", "crop, color, flip", "color");
	near("cloro", "crop, color, flip", ""); /* two swaps, and five letters allow one edit */
	near("simsam", "simsiam moco", "simsiam");
	near("simsa", "simsiam moco", "");
	near("mocov3", "simsiam moco", "moco");
	near("imagenett0000", "imagenet100", "imagenet100");
	near("imagenett00000", "imagenet100", "");
	near("CIFAR10", "stl10, cifar10", "cifar10");
	near("layer5", "layer1, layer2", "layer1");
	near("layer22", "layer1, layer2", "layer2");
	near("--sede", "--size, --seed", "--seed");
	near("--x", "--y, --z", "");
	near("Q", "w, q", "q");
	near("b", "a", "");
	near("", "a", "");
	near("a", "", "");
	near("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "");
	near("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	struct as_error e = {0};
	is_int(as_find("op", "color", name_at, &e), 2, "a name of a table is found");
	ok(as_find("op", "filp", name_at, &e) == AS_EARG &&
	   !strcmp(e.text, "op: 'filp' is none of crop, flip, color; did you mean 'flip'?"),
	   "another is told what there is, and what is near: '%s'", e.text);
	ok(as_find("op", "cutout", name_at, &e) == AS_EARG && !strcmp(e.text, "op: 'cutout' is none of crop, flip, color"),
	   "or what there is: '%s'", e.text);
}

static void lengths_of_time(void)
{
	static const struct {
		const char *text;
		uint64_t seconds; /* 0: none */
	} table[] = {
		{"1", 1}, {"90", 90}, {"90s", 90}, {"230m", 13800}, {"1h30m", 5400}, {"2d", 172800}, {"1d1h1m1s", 90061}, {"1h5", 3605},
		{"3:50:00", 13800}, {"100:00:01", 360001}, {"50:00", 3000}, {"0:03", 3}, {"90:00", 5400}, {"1-12", 129600},
		{"1-12:30", 131400}, {"1-12:30:05", 131405}, {"0-1", 3600}, {"999999999", 999999999},
		{"", 0}, {"0", 0}, {"0:00", 0}, {"x", 0}, {"5x", 0}, {"-5", 0}, {"+5", 0}, {" 5", 0}, {"5 ", 0}, {"1e3", 0}, {"1.5h", 0},
		{"1m1h", 0}, {"1h1h", 0}, {"h", 0}, {"1:60", 0}, {"1:60:00", 0}, {"1:2:3:4", 0}, {"1-24", 0}, {"1-", 0}, {"1-2-3", 0},
		{"1:2-3", 0}, {":5", 0}, {"5:", 0}, {"1::2", 0},
		{"1-2:3:4:5", 0}, {"9999999999", 0}, {"1:5m", 0}, {"99999999999999999999s", 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		uint64_t n = 0;
		struct as_error e = {.text = ""};
		int rc = as_parse_seconds(table[i].text, &n, &e);
		ok(table[i].seconds ? !rc && n == table[i].seconds : rc == AS_EARG && strstr(e.text, "no length of time"),
		   "'%s' is %llu seconds", table[i].text, (unsigned long long)table[i].seconds);
	}
}

int main(void)
{
	lengths_of_time();
	nearest();
	controls();
	lines();
	errors();
	return done();
}
