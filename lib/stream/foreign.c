/* Other formats than ours, recognised by their first bytes. */
#include "stream/foreign.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* In a command \1 is the file, \2 the one to write. Nested dictionaries become longer names:
 * state_dict.module.conv1.weight. */
static const char from_pytorch[] =
	"  python3 -c 'import torch, safetensors.torch as s; flat = lambda d, at=\"\": {k: v for n, x in d.items() for k, v in "
	"(flat(x, f\"{at}{n}.\") if isinstance(x, dict) else {f\"{at}{n}\": x}).items()}; "
	"s.save_file({k: v.clone().contiguous() for k, v in flat(torch.load(\"\1\", \"cpu\")).items() "
	"if torch.is_tensor(v)}, \"\2\")'\n"
	"  If torch.load asks for weights_only=False, add it only for a file that you trust: it runs the file's own code.";
static const char from_npz[] =
	"  python3 -c 'import numpy, safetensors.numpy as s; s.save_file(dict(numpy.load(\"\1\")), \"\2\")'";
static const char known[] = "  Networks that are known here are ResNets with torchvision's names, as safetensors or of torch.save.";

static const struct kind {
	const char *magic;
	size_t n;
	const char *is, *help;
} kinds[] = {
	{"\x80\2", 2, "a pickle, as old torch.save writes it; this command converts it:", from_pytorch},
	{"\x80\3", 2, "a pickle; if it is PyTorch's, this command converts it:", from_pytorch},
	{"\x80\4", 2, "a pickle; if it is PyTorch's, this command converts it:", from_pytorch},
	{"\x80\5", 2, "a pickle; if it is PyTorch's, this command converts it:", from_pytorch},
	{"PK\3\4", 4, "a zip archive, but not of torch.save: unpack it, and give the weights that are in it", known},
	{"\x89HDF\r\n", 6, "an HDF5 file, as Keras writes it: no safetensors file", known},
	{"GGUF", 4, "a GGUF file: no safetensors file", known},
	{"\x93NUMPY", 6, "one array of NumPy (.npy), and a network has many: no safetensors file", known},
	{"\x1f\x8b", 2, "compressed: gunzip it first", NULL},
	{"\xfd" "7zXZ", 5, "compressed: unxz it first", NULL},
	{"version https://git-lfs", 23, "a pointer of Git LFS, not the file itself: git lfs pull fetches it", NULL},
	{"<!DOCTYPE", 9, "a web page, not the file that it may have led to", NULL},
	{"<html", 5, "a web page, not the file that it may have led to", NULL},
};

/* Whether this is a zip file whose first member's name ends so. */
static bool is_zip_of(const char *bytes, size_t n, const char *end)
{
	enum { NAME = 30 };
	size_t length = n > NAME && !memcmp(bytes, "PK\3\4", 4) ? (unsigned char)bytes[26] : 0, tail = strlen(end);
	return length >= tail && NAME + length <= n && !memcmp(bytes + NAME + length - tail, end, tail);
}

/* A protobuf that begins with a small version number and the name of the program that made it. */
static bool is_onnx(const char *bytes, size_t n)
{
	return n > 4 && bytes[0] == 8 && bytes[1] > 2 && bytes[1] < 32 && bytes[2] == 0x12;
}

/* The command for this file. A name that would need other quotes, or is a pipe's, is an example's. */
static const char *command(const char *help, const char *path)
{
	static _Thread_local char text[2048];
	char out[256];
	bool plain = strlen(path) < 200 && strncmp(path, "/dev/", 5) != 0;
	for (const char *c = path; *c; c++)
		plain = plain && (unsigned char)*c >= ' ' && *c != 127 && !strchr("'\"\\", *c);
	path = plain ? path : "model.pth";
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	int stem = (int)(dot && dot > (slash ? slash + 1 : path) ? (size_t)(dot - path) : strlen(path));
	snprintf(out, sizeof out, "%.*s.safetensors", stem, path);
	size_t at = 0;
	for (; *help && at < sizeof text - 1; help++) {
		const char one[] = {*help, 0}, *part = *help == 1 ? path : *help == 2 ? out : one;
		at += (size_t)snprintf(text + at, sizeof text - at, "%s", part);
	}
	return text;
}

int as_foreign(const char *path, const char *bytes, size_t n, struct as_error *err)
{
	if (!n)
		return as_fail(err, AS_EDATA, "is empty");
	if (is_zip_of(bytes, n, ".npy"))
		return as_fail_help(err, AS_EDATA, command(from_npz, path),
				    "is arrays of NumPy (.npz); if they have torchvision's names, this command converts them:");
	if (is_zip_of(bytes, n, "data.pkl"))
		return as_fail_help(err, AS_EDATA, command(from_pytorch, path),
				    "is a PyTorch file, as torch.save writes it; this command converts it:");
	if (is_onnx(bytes, n))
		return as_fail(err, AS_EDATA, "seems to be an ONNX file, whose tensors may have any name and order: give the safetensors "
			       "file or the .pth that it was made from");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (n >= kinds[i].n && !memcmp(bytes, kinds[i].magic, kinds[i].n))
			return as_fail_help(err, AS_EDATA, kinds[i].help ? command(kinds[i].help, path) : NULL, "is %s", kinds[i].is);
	return as_fail(err, AS_EDATA, "not a safetensors file, or a truncated one");
}

/* ---- instead of a stream ---- */

#define IMAGE "an image: img-read files reads images"

static const struct {
	const char *magic;
	size_t n;
	const char *is;
} others[] = {
	{"\xff\xd8\xff", 3, IMAGE},
	{"\x89PNG", 4, IMAGE},
	{"GIF8", 4, IMAGE},
	{"P5\n", 3, IMAGE},
	{"P6\n", 3, IMAGE},
	{"RIFF", 4, IMAGE},
	{"\x1f\x8b", 2, "compressed: gzip -dc unpacks it"},
	{"\xfd" "7zXZ", 5, "compressed: xz -dc unpacks it"},
	{"\x28\xb5\x2f\xfd", 4, "compressed: zstd -dc unpacks it"},
	{"BZh", 3, "compressed: bzip2 -dc unpacks it"},
	{"PK\3\4", 4, "a zip file or one of PyTorch: rec-import reads .npz, and .npy that numpy.save made of a tensor"},
	{"\x93NUMPY", 6, "an array of NumPy: rec-import makes a stream of it"},
	{"\x7f" "ELF", 4, "a program"},
};

/* A safetensors file begins with the length of a header, in eight bytes, and a header with a brace. */
static bool is_weights(const char *bytes, size_t n)
{
	return n > 9 && bytes[8] == '{' && !memcmp(bytes + 4, "\0\0\0\0", 4);
}

static bool is_text(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)bytes[i] > 126 || (bytes[i] < 32 && !strchr("\t\n\r", bytes[i])))
			return false;
	return n >= 4;
}

const char *as_foreign_name(const char *bytes, size_t n)
{
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (n >= others[i].n && !memcmp(bytes, others[i].magic, others[i].n))
			return others[i].is;
	if (is_weights(bytes, n))
		return "weights: --model of feat-extract, or --state of ssl-train, takes them";
	return is_text(bytes, n < 64 ? n : 64) ? "text" : NULL;
}
