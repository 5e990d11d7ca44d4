/* Lists a folder: subfolders, images, and other files. */
#define _DEFAULT_SOURCE /* DT_DIR */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/inside.h"

/* Files with these names count as images without being opened, because opening a million files is slow.
 * What such a file really is shows when it is loaded. */
static bool is_named_so(const char *name)
{
	static const char *const ends[] = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".ppm", ".pgm", ".pnm"};
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
		if (!strcasecmp(dot, ends[i]))
			return true;
	return false;
}

/* The type of an entry, after links: S_IFDIR, S_IFREG or another; 0: the link leads nowhere. Uses the type
 * in the directory entry where there is one. */
static mode_t type_of(const char *path, const struct dirent *e)
{
	struct stat st;
#ifdef DT_DIR
	if (e->d_type == DT_DIR || e->d_type == DT_REG)
		return e->d_type == DT_DIR ? S_IFDIR : S_IFREG;
#else
	(void)e;
#endif
	return stat(path, &st) ? 0 : st.st_mode & S_IFMT;
}

/* Whether a file of another name is an image, by its first bytes: 1 for an image, 0 when it is left out, <0
 * for an error. A file that cannot be read counts as an image; loading it will report the error. */
static int is_image(const char *path, const char *name, struct as_scan *s, struct as_error *err)
{
	uint8_t start[AS_IMAGE_LOOK];
	struct as_image_kind kind;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof start);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return 1;
	bool image = as_image_look(start, (size_t)n, &kind);
	if (image && !kind.remedy)
		return 1;
	if (image)
		as_image_name(name, &kind);
	if (image)
		return as_left_add(&s->left, kind.name, kind.remedy, name, err);
	return s->documents ? 0 : as_left_add(&s->left, "no image", NULL, name, err);
}

/* Sorts one entry. `path` can be opened; `name` starts from the dataset's root. */
static int sort_entry(struct as_scan *s, const struct dirent *e, const char *path, const char *name, int32_t label,
		      struct as_error *err)
{
	mode_t type = type_of(path, e);
	if (type == S_IFDIR)
		return s->folders ? as_paths_add(s->folders, name, label, 0, err) : 0;
	if (type && type != S_IFREG)
		return as_left_add(&s->left, "neither file nor folder", NULL, name, err);
	int image = is_named_so(e->d_name) ? 1 : is_image(path, name, s, err);
	return image > 0 ? as_paths_add(s->images, name, label, 0, err) : image;
}

int as_scan_folder(struct as_scan *s, const char *root, const char *inside, int32_t label, struct as_error *err)
{
	char path[2 * AS_MAX_PATH];
	size_t length = strlen(root);
	s->left.root = root;
	snprintf(path, sizeof path, "%s%s", root, inside);
	DIR *d = opendir(path);
	if (!d && errno == ENOTDIR)
		return as_fail(err, AS_EDATA, "%.*s: a file, not a folder: img-read files reads single images, and an archive has to be "
			       "unpacked", (int)strcspn(path, "/") ? (int)(strlen(path) - (path[strlen(path) - 1] == '/')) : 1, path);
	if (!d)
		return as_fail_errno(err, "%s", path);
	int rc = 0;
	struct dirent *e;
	while (!rc && (errno = 0, e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		int n = snprintf(path, sizeof path, "%s%s%s%s", root, inside, *inside ? "/" : "", e->d_name);
		if (length + AS_MAX_PATH <= (size_t)n)
			rc = as_fail(err, AS_EDATA, "%.200s...: too long a path", path);
		else
			rc = sort_entry(s, e, path, path + length, label, err);
	}
	if (!rc && errno)
		rc = as_fail_errno(err, "%s%s", root, inside);
	closedir(d);
	return rc;
}

int as_scan_below(struct as_scan *s, const char *root, const char *inside, int32_t label, struct as_error *err)
{
	enum { MAX_DEPTH = 16 };
	struct as_paths folders = {0};
	struct as_paths *outer = s->folders;
	if (s->depth > MAX_DEPTH)
		return as_fail(err, AS_EDATA, "%s%s: folders in folders, more than %d deep", root, inside, MAX_DEPTH);
	s->folders = &folders;
	s->depth++;
	int rc = as_scan_folder(s, root, inside, label, err);
	for (int64_t i = 0; i < folders.count && !rc; i++)
		rc = as_scan_below(s, root, folders.path[i].name, label, err);
	s->depth--;
	s->folders = outer;
	as_paths_clear(&folders);
	return rc;
}
