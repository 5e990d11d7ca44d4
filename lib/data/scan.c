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

#include "data/catalog.h"

/* Files with these names count as images without being opened, because opening a million files is slow.
 * What such a file really is shows when it is loaded. */
bool as_scan_named(const char *name)
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

/* What an entry is, by its type and its name. */
static char kind_of(const char *path, const struct dirent *e)
{
	mode_t type = type_of(path, e);
	if (type == S_IFDIR)
		return AS_ENTRY_FOLDER;
	if (type && type != S_IFREG)
		return AS_ENTRY_OTHER;
	return as_scan_named(e->d_name) ? AS_ENTRY_IMAGE : AS_ENTRY_FILE;
}

/* Puts one entry where it belongs. `path` can be opened; `name` starts from the dataset's root. */
static int put_entry(struct as_scan *s, char kind, const char *path, const char *name, int32_t label, struct as_error *err)
{
	if (kind == AS_ENTRY_FOLDER)
		return s->folders ? as_paths_add(s->folders, name, label, 0, err) : 0;
	if (kind == AS_ENTRY_OTHER)
		return as_left_add(&s->left, "neither file nor folder", NULL, name, err);
	int image = kind == AS_ENTRY_IMAGE ? 1 : is_image(path, name, s, err);
	return image > 0 ? as_paths_add(s->images, name, label, 0, err) : image;
}

/* The path of an entry in root/inside. */
static int join(char *path, const char *root, const char *inside, const char *name, struct as_error *err)
{
	int n = snprintf(path, 2 * AS_MAX_PATH, "%s%s%s%s", root, inside, *inside ? "/" : "", name);
	return strlen(root) + AS_MAX_PATH <= (size_t)n ? as_fail(err, AS_EDATA, "%.200s...: too long a path", path) : 0;
}

/* Reads a folder's entries. */
static int read_folder(struct as_scan *s, DIR *d, const char *root, const char *inside, int32_t label, struct as_error *err)
{
	char path[2 * AS_MAX_PATH];
	int rc = 0;
	struct dirent *e;
	while (!rc && (errno = 0, e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		rc = join(path, root, inside, e->d_name, err);
		char kind = rc ? 0 : kind_of(path, e);
		if (!rc && s->catalog)
			rc = as_catalog_add(s->catalog, kind, e->d_name, err);
		if (!rc)
			rc = put_entry(s, kind, path, path + strlen(root), label, err);
	}
	return rc || !errno ? rc : as_fail_errno(err, "%s%s", root, inside);
}

/* Takes a folder's entries from the index. 1: done; 0: they are not in it, or it has changed, and it is begun anew there. */
static int take_folder(struct as_scan *s, const char *folder, const char *root, const char *inside, int32_t label,
		       struct as_error *err)
{
	char path[2 * AS_MAX_PATH];
	struct stat st;
	const char *at, *end;
	if (!s->catalog || stat(folder, &st) || !S_ISDIR(st.st_mode))
		return 0;
	struct as_stamp stamp = as_stamp_of(&st);
	if (!as_catalog_find(s->catalog, root, inside, &stamp, &at, &end))
		return as_catalog_begin(s->catalog, inside, &stamp, err);
	int rc = 0;
	while (at < end && !rc) {
		char kind = *at++;
		if (at == end || !*at || strchr(at, '/'))
			return as_fail(err, AS_EDATA, "--index: an entry of %s%s is no name: remove the index", root, inside);
		rc = join(path, root, inside, at, err);
		if (!rc)
			rc = put_entry(s, kind, path, path + strlen(root), label, err);
		at += strlen(at) + 1;
	}
	return rc ? rc : 1;
}

int as_scan_folder(struct as_scan *s, const char *root, const char *inside, int32_t label, struct as_error *err)
{
	char path[2 * AS_MAX_PATH];
	s->left.root = root;
	snprintf(path, sizeof path, "%s%s", root, inside);
	int rc = take_folder(s, path, root, inside, label, err);
	if (rc)
		return rc < 0 ? rc : 0;
	DIR *d = opendir(path);
	if (!d && errno == ENOTDIR)
		return as_fail(err, AS_EDATA, "%.*s: a file, not a folder: img-read files reads single images, img-read tar an archive, "
			       "but a compressed one has to be unpacked",
			       (int)strcspn(path, "/") ? (int)(strlen(path) - (path[strlen(path) - 1] == '/')) : 1, path);
	if (!d)
		return as_fail_errno(err, "%s", path);
	rc = read_folder(s, d, root, inside, label, err);
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
