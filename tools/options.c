#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <msgpack.h>
#include <png.h>
#include <xxhash.h>
#include <jpeglib.h>

#include "base/machine.h"
#include "base/text.h"
#include "base/version.h"
#include "kern/isa.h"
#include "message.h"
#include "output.h"
#include "relay.h"

#ifndef AS_GIT
#define AS_GIT ""
#endif

enum { MAX_OPTS = 64, MAX_CHAIN_LINE = 2048, LONG_VAL = 256 };

static bool want_help, want_version, want_options;

static const struct opt common_opts[] = {
	OPT_GROUP("In every program"),
	{'q', "quiet", OPT_FLAG, &manners.quiet, NULL, "say only warnings and errors", 0, 0, false},
	{0, "progress", OPT_FLAG, &manners.progress, NULL, "say how far it is, even into a file", 0, 0, false},
	{0, "no-progress", OPT_FLAG, &manners.no_progress, NULL, "do not say how far it is", 0, 0, false},
	{0, "force", OPT_FLAG, &manners.force, NULL, "read or write binary data even at a terminal", 0, 0, false},
	{'h', "help", OPT_FLAG, &want_help, NULL, "print this help and end", 0, 0, false},
	{'V', "version", OPT_FLAG, &want_version, NULL, "print versions and end", 0, 0, false},
	OPT_END,
};

/* The options of the running program: its own, then the common ones. */
static const struct tool *self;
static const struct opt *all_opts[MAX_OPTS];
static const char *group[MAX_OPTS]; /* the heading of each */
static bool given[MAX_OPTS];
static double default_f64[MAX_OPTS]; /* values of numbers and flags before the command line was read */
static uint64_t default_u64[MAX_OPTS];
static const char *default_text[MAX_OPTS];
static int opt_count;

/* ---- parsing ---- */

static void remember_default(int i)
{
	const struct opt *o = all_opts[i];
	switch (o->type) {
	case OPT_FLAG: default_u64[i] = *(bool *)o->at; break;
	case OPT_U64: default_u64[i] = *(uint64_t *)o->at; break;
	case OPT_F64: default_f64[i] = *(double *)o->at; break;
	case OPT_TEXT:
	case OPT_LIST: default_text[i] = *(const char **)o->at; break;
	}
}

static void gather_options(const struct tool *t)
{
	const struct opt *lists[2] = {t->opts, common_opts};
	const char *heading = "Options";
	for (int k = 0; k < 2; k++)
		for (const struct opt *o = lists[k]; o && o->name; o++) {
			if (!*o->name) {
				heading = o->help;
				continue;
			}
			if (opt_count == MAX_OPTS)
				die(EXIT_DATA, "more than %d options in the table", MAX_OPTS);
			all_opts[opt_count] = o;
			group[opt_count] = heading;
			remember_default(opt_count++);
		}
}

/* Converts a bound to a whole number; a double beyond the range means the end of the range. */
static uint64_t bound_u64(double b, bool any)
{
	return any || b >= 0x1p64 ? UINT64_MAX : b <= 0 ? 0 : (uint64_t)b;
}

/* The earlier list, a comma, and this; kept until the end or until joined again. */
static const char *join(int i, const char *before, const char *text)
{
	static char *joined[MAX_OPTS];
	size_t room = strlen(before) + strlen(text) + 2;
	char *all = malloc(room);
	if (!all)
		die(EXIT_DATA, "no memory");
	snprintf(all, room, "%s,%s", before, text);
	free(joined[i]);
	return joined[i] = all;
}

/* A range of 0..0 in the table allows any value. */
static void set_option(int i, const char *text)
{
	const struct opt *o = all_opts[i];
	bool any = o->lo == 0 && o->hi == 0;
	struct as_error err;
	int rc = 0;
	switch (o->type) {
	case OPT_FLAG: *(bool *)o->at = true; break;
	case OPT_TEXT: *(const char **)o->at = text; break;
	case OPT_LIST: *(const char **)o->at = given[i] ? join(i, *(const char **)o->at, text) : text; break;
	case OPT_U64:
		rc = as_parse_u64(text, any ? 0 : bound_u64(o->lo, false), bound_u64(o->hi, any), o->at, &err);
		break;
	case OPT_F64:
		rc = as_parse_f64(text, any ? -HUGE_VAL : o->lo, any ? HUGE_VAL : o->hi, o->at, &err);
		break;
	}
	if (rc)
		die(EXIT_USAGE, "--%s: %s", o->name, err.text);
	given[i] = true;
}

/* Makes getopt's letters and long options from the table. A long option's value is LONG_VAL plus its index;
 * the last one, --options, is for the tests and for completion. */
static void getopt_tables(char *letters, struct option *longs)
{
	*letters++ = ':';
	for (int i = 0; i < opt_count; i++) {
		const struct opt *o = all_opts[i];
		int has = o->type == OPT_FLAG ? no_argument : required_argument;
		longs[i] = (struct option){o->name, has, NULL, LONG_VAL + i};
		if (!o->letter)
			continue;
		*letters++ = o->letter;
		if (has)
			*letters++ = ':';
	}
	*letters = 0;
	longs[opt_count] = (struct option){"options", no_argument, NULL, LONG_VAL + opt_count};
	longs[opt_count + 1] = (struct option){NULL, 0, NULL, 0};
}

/* Ends the program when a shortened long option could be several, and lists them. */
static void say_candidates(const char *word)
{
	char list[512] = "";
	size_t n = strcspn(word + 2, "="), used = 0;
	int found = 0;
	for (int i = 0; i < opt_count; i++)
		if (n && !strncmp(all_opts[i]->name, word + 2, n) && used < sizeof list)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s--%s", found++ ? ", " : "",
						 all_opts[i]->name);
	if (found > 1)
		die(EXIT_USAGE, "'%.*s' is short for more than one of %s", (int)n + 2, word, list);
}

/* The option that people may mean whose word begins as it does (--batch-size) or who left out its beginning (--lr for
 * --base-lr), or NULL. */
static const char *related(const char *word, size_t n)
{
	for (int i = 0; n && i < opt_count; i++) {
		const char *name = all_opts[i]->name;
		size_t m = strlen(name);
		if (m > n && name[m - n - 1] == '-' && !strncmp(name + m - n, word, n))
			return name;
		if (m < n && word[m] == '-' && !strncmp(name, word, m))
			return name;
	}
	return NULL;
}

/* Ends the program when a long option is unknown, with the nearest that there is. */
AS_NORETURN static void say_nearest(const char *word)
{
	char list[MAX_OPTS * 24] = "", name[48], tail[64];
	for (int i = 0; i < opt_count; i++) {
		snprintf(name, sizeof name, "--%s", all_opts[i]->name);
		as_enlist(list, sizeof list, name);
	}
	struct as_hint hint;
	size_t n = strcspn(word, "=");
	snprintf(name, sizeof name, "%.*s", n < sizeof name ? (int)n : 0, word);
	const char *kin = related(word + 2, n - 2);
	if (kin)
		snprintf(tail, sizeof tail, "; did you mean '--%s'?", kin);
	else
		snprintf(tail, sizeof tail, "; see %s --help", tool_name());
	die(EXIT_USAGE, "unknown option '%.*s'%s", (int)n, word, *as_near(name, list, &hint) ? hint.text : tail);
}

AS_NORETURN static void bad_option(int c, const char *word)
{
	if (c == ':' && optopt >= LONG_VAL)
		die(EXIT_USAGE, "--%s needs an argument; see %s --help", all_opts[optopt - LONG_VAL]->name, tool_name());
	if (c == ':')
		die(EXIT_USAGE, "-%c needs an argument; see %s --help", optopt, tool_name());
	if (optopt >= LONG_VAL && optopt < LONG_VAL + opt_count)
		die(EXIT_USAGE, "--%s takes no argument; see %s --help", all_opts[optopt - LONG_VAL]->name, tool_name());
	if (optopt > 0 && optopt < LONG_VAL)
		die(EXIT_USAGE, "unknown option -%c; see %s --help", optopt, tool_name());
	if (!strncmp(word, "--", 2))
		say_candidates(word);
	say_nearest(word);
}

static int option_of_letter(int c)
{
	for (int i = 0; i < opt_count; i++)
		if (all_opts[i]->letter == c)
			return i;
	return -1;
}

static void read_options(int argc, char **argv)
{
	char letters[2 * MAX_OPTS + 2];
	struct option longs[MAX_OPTS + 2];
	int c;
	getopt_tables(letters, longs);
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			bad_option(c, argv[optind - 1]);
		if (c == LONG_VAL + opt_count)
			want_options = true;
		else
			set_option(c >= LONG_VAL ? c - LONG_VAL : option_of_letter(c), optarg);
	}
}

bool tool_given(const char *long_name)
{
	for (int i = 0; i < opt_count; i++)
		if (!strcmp(all_opts[i]->name, long_name))
			return given[i];
	return false;
}

/* ---- --help, --version, --options ---- */

enum { COLUMNS = 80, LEFT = 24 };

/* Prints words from column `at` on and breaks lines before column 80; further lines begin at that column too. */
static void print_words(const char *text, int at)
{
	int column = at;
	while (*text) {
		int n = (int)strcspn(text, " ");
		if (column > at && column + 1 + n > COLUMNS) {
			printf("\n%*s", at, "");
			column = at;
		}
		column += printf("%s%.*s", column > at ? " " : "", n, text);
		text += n + (text[n] == ' ');
	}
	printf("\n");
}

static void print_option(const struct opt *o)
{
	char left[80];
	char letter[5] = {'-', o->letter, ',', ' ', 0};
	snprintf(left, sizeof left, "%s--%s%s%s", o->letter ? letter : "    ", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	if (strlen(left) > LEFT)
		printf("  %s\n  %*s  ", left, LEFT, "");
	else
		printf("  %-*s  ", LEFT, left);
	print_words(o->help, LEFT + 4);
}

/* Whether option i is the first under its heading. */
static bool begins_group(int i)
{
	for (int k = 0; k < i; k++)
		if (!strcmp(group[k], group[i]))
			return false;
	return true;
}

static void print_help(void)
{
	printf("Usage: %s %s\n", self->name, self->synopsis);
	print_words(self->doc, 0);
	for (int i = 0; i < opt_count; i++) {
		if (!begins_group(i))
			continue;
		printf("\n%s:\n", group[i]);
		for (int k = i; k < opt_count; k++)
			if (!strcmp(group[k], group[i]))
				print_option(all_opts[k]);
	}
	if (self->example)
		printf("\nExample:\n  %s\n", self->example);
	printf("\n'man %s' says more.\n", self->name);
}

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)

/* The versions are those of the headers: asking the libraries would load them into programs that do not
 * need them. */
static void print_version(void)
{
	printf("%s %s%s%s%s\n", self->name, AS_VERSION, *AS_GIT ? " (git " : "", AS_GIT, *AS_GIT ? ")" : "");
#ifdef __clang__
	printf("libaugself %s, compiled by clang %s\n", as_version(), __clang_version__);
#else
	printf("libaugself %s, compiled by gcc %s\n", as_version(), __VERSION__);
#endif
	printf("built with msgpack-c %s, jansson %s, xxhash %d.%d.%d, libpng %s, libjpeg-turbo %s\n", MSGPACK_VERSION,
	       JANSSON_VERSION, XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE, PNG_LIBPNG_VER_STRING,
	       TEXT(LIBJPEG_TURBO_VERSION));
	printf("instruction set %s\n", as_isa_name(as_isa_chosen()));
	if (self->engine)
		printf("%s\n", self->engine());
}

/* One line for each option: letter, name, argument, with "-" for what it does not have, what it does, and its
 * heading. */
static void print_options(void)
{
	for (int i = 0; i < opt_count; i++) {
		const struct opt *o = all_opts[i];
		printf("%c\t%s\t%s\t%s\t%s\n", o->letter ? o->letter : '-', o->name, o->arg ? o->arg : "-", o->help, group[i]);
	}
}

/* ---- the start ---- */

/* If a standard stream is closed, the next opened file would get its number: opens a descriptor in its
 * place that refuses what the stream is for. */
static void hold_standard_streams(void)
{
	static const int flags[3] = {O_WRONLY, O_RDONLY, O_RDWR};
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
			_exit(EXIT_DATA);
}

static void check_operands(int count, char **operands)
{
	const char *like = self->example ? strrchr(self->example, '\n') : NULL; /* of several lines, the last */
	like = like ? like + 1 + strspn(like + 1, " ") : self->example ? self->example : "its manual page";
	if (count < self->min_operands)
		die(EXIT_USAGE, "%s, as in %s", count ? "too few files are named" : "a file must be named", like);
	if (self->max_operands >= 0 && count > self->max_operands)
		die(EXIT_USAGE, "one operand too many: '%s'%s%s; see %s --help", operands[self->max_operands],
		    self->max_operands ? "; as in " : ": files come by options, or from standard input by < or |",
		    self->max_operands ? like : "", tool_name());
}

char **tool_begin(const struct tool *t, int argc, char **argv, int *count)
{
	self = t;
	tool_called(t->name);
	hold_standard_streams();
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	if (t->writes || t->may_write)
		promise_stream();
	gather_options(t);
	read_options(argc, argv);
	const char *wrong = want_help || want_version || want_options || !t->writes ? relay_start() : NULL;
	if (wrong)
		die(EXIT_DATA, "standard output does not wait, and %s: %s", wrong, strerror(errno));
	if (want_help || want_version || want_options) {
		if (want_help)
			print_help();
		else if (want_version)
			print_version();
		else
			print_options();
		exit(finish_text());
	}
	*count = argc - optind;
	check_operands(*count, argv + optind);
	if (as_isa_complaint())
		die(EXIT_USAGE, "%s", as_isa_complaint());
	if (t->reads && !*count)
		refuse_terminal(0);
	if (t->writes)
		refuse_terminal(1);
	return argv + optind;
}

int threads_or_default(uint64_t j)
{
	const char *text = getenv("AUGSELF_THREADS");
	struct as_error err;
	if (!j && text && *text && as_parse_u64(text, 1, 1024, &j, &err))
		die(EXIT_USAGE, "AUGSELF_THREADS: %s", err.text);
	return j ? (int)j : as_cpus();
}

/* ---- the chain ---- */

static void append(char *line, const char *text)
{
	size_t used = strlen(line);
	snprintf(line + used, MAX_CHAIN_LINE - used, "%s", text);
}

static void append_word(char *line, const char *text)
{
	bool plain = *text && !strpbrk(text, " \t\n'\"");
	append(line, plain ? " " : " '");
	append(line, text);
	append(line, plain ? "" : "'");
}

/* " --name value" when the value is not the default. */
static void append_option(char *line, int i)
{
	const struct opt *o = all_opts[i];
	const char *text = o->type == OPT_TEXT || o->type == OPT_LIST ? *(const char **)o->at : NULL;
	char number[32] = "";
	bool differs = false;
	switch (o->type) {
	case OPT_FLAG: differs = *(bool *)o->at != (bool)default_u64[i]; break;
	case OPT_U64:
		differs = *(uint64_t *)o->at != default_u64[i];
		snprintf(number, sizeof number, "%llu", (unsigned long long)*(uint64_t *)o->at);
		break;
	case OPT_F64:
		differs = *(double *)o->at < default_f64[i] || *(double *)o->at > default_f64[i];
		as_format_f64(*(double *)o->at, number);
		break;
	case OPT_TEXT:
	case OPT_LIST: differs = text && (!default_text[i] || strcmp(text, default_text[i]) != 0); break;
	}
	if (!differs)
		return;
	append(line, " --");
	append(line, o->name);
	if (o->type != OPT_FLAG)
		append_word(line, text ? text : number);
}

/* Values equal to the default are left out (the version implies them), so an option given with its default
 * value leaves the same bytes as one not given. */
const char *tool_chain(const char *operands)
{
	static char line[MAX_CHAIN_LINE];
	snprintf(line, sizeof line, "%s %s%s%s", self->name, AS_VERSION, operands ? " " : "", operands ? operands : "");
	for (int i = 0; i < opt_count; i++)
		if (all_opts[i]->bytes)
			append_option(line, i);
	return line;
}
