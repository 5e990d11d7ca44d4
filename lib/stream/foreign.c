/* Other formats of weights, recognised by their first bytes. */
#include "stream/foreign.h"

#include <stdbool.h>
#include <string.h>

/* Nested dictionaries become longer names: state_dict.module.conv1.weight. */
static const char from_pytorch[] =
	"  import torch, safetensors.torch as s; flat = lambda d, at='': {k: v for n, x in d.items() for k, v in "
	"(flat(x, f'{at}{n}.') if isinstance(x, dict) else {f'{at}{n}': x}).items()}\n"
	"  s.save_file({k: v.clone().contiguous() for k, v in flat(torch.load('model.pth', 'cpu')).items() "
	"if torch.is_tensor(v)}, 'model.safetensors')";

static const struct kind {
	const char *magic;
	size_t n;
	const char *is, *help;
} kinds[] = {
	{"PK\3\4", 4, "a PyTorch file, as torch.save writes it; two lines of Python convert it:", from_pytorch},
	{"\x80\2", 2, "a pickle, as old torch.save writes it; two lines of Python convert it:", from_pytorch},
	{"\x80\3", 2, "a pickle; if it is PyTorch's, two lines of Python convert it:", from_pytorch},
	{"\x80\4", 2, "a pickle; if it is PyTorch's, two lines of Python convert it:", from_pytorch},
	{"\x80\5", 2, "a pickle; if it is PyTorch's, two lines of Python convert it:", from_pytorch},
	{"\x89HDF\r\n", 6, "an HDF5 file, as Keras writes it: no safetensors file", NULL},
	{"GGUF", 4, "a GGUF file: no safetensors file", NULL},
	{"\x93NUMPY", 6, "one array of NumPy: no safetensors file", NULL},
	{"\x1f\x8b", 2, "compressed: gunzip it first", NULL},
	{"\xfd" "7zXZ", 5, "compressed: unxz it first", NULL},
	{"version https://git-lfs", 23, "a pointer of Git LFS, not the file itself: git lfs pull fetches it", NULL},
	{"<!DOCTYPE", 9, "a web page, not the file that it may have led to", NULL},
	{"<html", 5, "a web page, not the file that it may have led to", NULL},
};

/* A zip file whose first member is an array. */
static bool is_npz(const char *bytes, size_t n)
{
	enum { NAME = 30 };
	size_t length = n > NAME && !memcmp(bytes, "PK\3\4", 4) ? (unsigned char)bytes[26] : 0;
	return length > 4 && NAME + length <= n && !memcmp(bytes + NAME + length - 4, ".npy", 4);
}

/* A protobuf that begins with a small version number and the name of the program that made it. */
static bool is_onnx(const char *bytes, size_t n)
{
	return n > 4 && bytes[0] == 8 && bytes[1] > 2 && bytes[1] < 32 && bytes[2] == 0x12;
}

int as_foreign(const char *bytes, size_t n, struct as_error *err)
{
	if (!n)
		return as_fail(err, AS_EDATA, "is empty");
	if (is_npz(bytes, n))
		return as_fail(err, AS_EDATA, "is arrays of NumPy (.npz), not a safetensors file");
	if (is_onnx(bytes, n))
		return as_fail(err, AS_EDATA, "seems to be an ONNX file, not a safetensors file");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (n >= kinds[i].n && !memcmp(bytes, kinds[i].magic, kinds[i].n))
			return as_fail_help(err, AS_EDATA, kinds[i].help, "is %s", kinds[i].is);
	return as_fail(err, AS_EDATA, "not a safetensors file, or a truncated one");
}
