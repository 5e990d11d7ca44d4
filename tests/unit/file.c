/* Paths and what they lead to; files that appear whole, and whose they are meanwhile. */
#include "../tap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/newfile.h"

static struct as_error err;

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		perror(path);
}

static bool holds(const char *path, const char *text)
{
	char *bytes;
	size_t count;
	if (as_file_read(path, AS_PATH_FILE, 100, &bytes, &count, &err))
		return false;
	bool same = count == strlen(text) && !memcmp(bytes, text, count);
	free(bytes);
	return same;
}

static bool there(const char *path)
{
	struct stat st;
	return !lstat(path, &st);
}

static void test_errors(void)
{
	errno = EPIPE;
	is_int(as_fail_errno(&err, "x"), AS_EIO, "a broken pipe is an error like any other");
	is_int(err.code, AS_EIO, "... with detail");
	is_text(err.text, "x: Broken pipe", "... and text");
	is_int(as_fail_errno(NULL, "x"), AS_EIO, "... and without");
}

static void test_kinds(void)
{
	put("file", "abc");
	ok(!mkfifo("pipe", 0600) && !mkdir("folder", 0700), "a pipe and a folder");
	is_int(as_path_ask("file", AS_PATH_FILE, &err), 1, "a file");
	is_int(as_path_ask("pipe", AS_PATH_FILE | AS_PATH_PIPE, &err), 1, "a pipe where pipes are welcome");
	is_int(as_path_ask("nothing", AS_PATH_FILE, &err), 0, "nothing");
	is_int(as_path_ask("file/x", AS_PATH_FILE, &err), AS_EIO, "what cannot be asked");
	is_int(as_path_ask("pipe", AS_PATH_FILE, &err), AS_EIO, "a pipe where a file is wanted");
	is_text(err.text, "pipe: is a pipe, not a file", "... is named");
	is_int(as_path_ask("folder", AS_PATH_FILE | AS_PATH_PIPE, &err), AS_EIO, "a folder");
	is_text(err.text, "folder: is a folder, neither a file nor a pipe", "... is named");
	is_int(as_path_ask("/dev/null", AS_PATH_FILE | AS_PATH_PIPE, &err), AS_EIO, "a device");
	is_int(as_path_open("pipe", AS_PATH_FILE, &err), AS_EIO, "opening does not wait for a writer");
	is_int(as_path_open("nothing", AS_PATH_FILE, &err), AS_ENONE, "nothing to open");
	is_text(err.text, "nothing: No such file or directory", "... is said");
}

static void test_same(void)
{
	ok(!link("file", "hard") && !symlink("file", "soft") && !symlink("folder", "way"), "links");
	ok(!symlink("way/new", "dangling") && !symlink("loop", "loop"), "links to nothing");
	ok(as_path_same("file", "./file") && as_path_same("file", "hard") && as_path_same("soft", "folder/../hard"),
	   "one file by many names");
	ok(as_path_same("new", "./new") && as_path_same("folder/new", "way/new") && as_path_same("dangling", "folder/new"),
	   "and one that is not there yet");
	ok(!as_path_same("file", "new") && !as_path_same("new", "folder/new") && !as_path_same("new", "old"), "others");
	ok(!as_path_same("/dev/null", "/dev/null") && !as_path_same("loop", "loop") && !as_path_same("x/y", "x/y"),
	   "no file at all");
	ok(as_path_same("/no-such", "//no-such") && !as_path_same("/no-such", "/none"), "in the root");
	char *leads = as_path_follow("dangling");
	is_text(leads, "way/new", "where a link to nothing leads");
	free(leads);
	ok(!as_path_follow("loop") && errno == ELOOP, "a link in a circle leads nowhere");
}

static void test_reading(void)
{
	struct as_file f;
	char *text;
	size_t count;
	put("file", "abcdefgh");
	ok(!as_file_open(&f, "file", AS_PATH_FILE, &err) && f.size == 8 && f.count == 0, "opened, not read");
	ok(!as_file_fill(&f, 3, &err) && f.count == 3 && !memcmp(f.bytes, "abc", 3), "as far as asked");
	ok(!as_file_fill(&f, 100, &err) && f.count == 8 && !memcmp(f.bytes, "abcdefgh", 8), "to its end");
	as_file_close(&f);
	is_int(as_file_read("file", AS_PATH_FILE, 7, &text, &count, &err), AS_EMEM, "above the limit");
	ok(!as_file_read("file", AS_PATH_FILE, 8, &text, &count, &err) && count == 8 && !text[8], "at it");
	free(text);
	put("empty", "");
	ok(!as_text_read("empty", AS_PATH_FILE, 8, &text, &err) && !*text, "an empty text");
	free(text);
	FILE *z = fopen("zero", "w");
	ok(z && fwrite("ab\0c", 1, 4, z) == 4 && !fclose(z), "a file with a zero");
	is_int(as_text_read("zero", AS_PATH_FILE, 8, &text, &err), AS_EDATA, "is not a text file");
	is_text(err.text, "zero: is not a text file: byte 3 is a zero", "... and where");
	char *large = malloc(3000001);
	memset(large, 'x', 3000000);
	large[3000000] = 0;
	put("large", large);
	ok(!as_text_read("large", AS_PATH_FILE, 3000000, &text, &err) && !strcmp(text, large), "a text of 3 MB");
	is_int(as_text_read("large", AS_PATH_FILE, 2999999, &large, &err), AS_EMEM, "is a byte too much");
	free(text);
	free(large);
}

static void test_newfile(void)
{
	struct as_newfile n;
	put("result", "old");
	ok(!as_newfile_open(&n, "result", &err) && there("result.part"), "begun beside it");
	fputs("new", n.f);
	ok(holds("result", "old"), "... not in its place yet");
	ok(!as_newfile_commit(&n, &err) && holds("result", "new") && !there("result.part"), "put there");
	ok(!as_newfile_open(&n, "result", &err), "another");
	as_newfile_abandon(&n);
	ok(holds("result", "new") && !there("result.part"), "given up");
	put("result.part", "what a dead writer left");
	ok(!as_newfile_open(&n, "result", &err), "over what was left");
	fputs("3", n.f);
	ok(!as_newfile_commit(&n, &err) && holds("result", "3") && !there("result.part"), "... takes it away");
	ok(!as_newfile_open(&n, "dangling", &err), "a link to nothing");
	fputs("4", n.f);
	ok(!as_newfile_commit(&n, &err) && holds("folder/new", "4"), "... is followed");
	struct stat st;
	ok(!lstat("dangling", &st) && S_ISLNK(st.st_mode), "... and stays a link");
	ok(!symlink("file", "trap.part"), "a link that waits for a writer");
	is_int(as_newfile_open(&n, "trap", &err), AS_EIO, "is not written through");
	is_text(err.text, "trap.part: is in the way and not a file: remove it", "... but named");
	is_int(as_newfile_open(&n, "folder", &err), AS_EIO, "a folder is no place");
	is_int(as_newfile_open(&n, "loop", &err), AS_EIO, "nor is a circle");
	ok(!as_newfile_open(&n, "/dev/null", &err) && !n.temp, "a device is written itself");
	ok(!as_newfile_commit(&n, &err), "... and well");
}

/* A child that writes and holds `path` until it is told to end, or dies. */
struct child {
	pid_t pid;
	int end;
};

static struct child start_child(const char *path)
{
	int ready[2], end[2];
	char c = 0;
	if (pipe(ready) || pipe(end))
		perror("pipe");
	pid_t pid = fork();
	if (!pid) {
		struct as_newfile n;
		struct as_hold h;
		if (as_newfile_open(&n, path, &err) || as_hold_take(&h, path, &err) || write(ready[1], "x", 1) != 1)
			_exit(1);
		close(end[1]);
		ssize_t got = read(end[0], &c, 1);
		as_hold_drop(&h);
		_exit(got < 0 || as_newfile_commit(&n, &err));
	}
	close(end[0]);
	close(ready[1]);
	ok(read(ready[0], &c, 1) == 1, "another process has it");
	close(ready[0]);
	return (struct child){pid, end[1]};
}

static void test_two(void)
{
	struct as_newfile n;
	struct as_hold h;
	char want[100];
	int status = 0;
	struct child c = start_child("shared");
	is_int(as_newfile_open(&n, "shared", &err), AS_EIO, "two writers at a time");
	snprintf(want, sizeof want, "shared: in use by process %d, which holds shared.part", (int)c.pid);
	is_text(err.text, want, "... the second is told");
	is_int(as_hold_take(&h, "shared", &err), AS_EIO, "two holders");
	is_int(there("shared.part") && there("shared.lock"), 1, "... and nothing is taken away");
	close(c.end);
	ok(waitpid(c.pid, &status, 0) == c.pid && !status && there("shared"), "the first comes to its end");
	ok(!there("shared.part") && !there("shared.lock"), "... and leaves nothing");
	c = start_child("shared");
	kill(c.pid, SIGKILL);
	waitpid(c.pid, &status, 0);
	close(c.end);
	ok(there("shared.part") && there("shared.lock"), "a killed one leaves both");
	ok(!as_hold_take(&h, "shared", &err) && !as_newfile_open(&n, "shared", &err), "which do not stop the next");
	ok(!as_newfile_commit(&n, &err), "... who writes");
	as_hold_drop(&h);
	as_hold_drop(&h);
	ok(!there("shared.part") && !there("shared.lock"), "... and cleans up");
}

int main(void)
{
	char folder[] = "/tmp/as-file-XXXXXX", command[64];
	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	test_errors();
	test_kinds();
	test_same();
	test_reading();
	test_newfile();
	test_two();
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) ? 1 : done();
}
