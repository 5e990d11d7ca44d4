/* Images that are not read here: how their files begin, and which command converts them: IN and OUT are names of files,
 * for which left.c puts those of a whole folder. */
#include <string.h>
#include <strings.h>

#include "image/codec.h"

#define CONVERT "convert 'IN[0]' OUT.png (package imagemagick)"
/* Photographs, as telephones make them. Not heif-convert: that of Debian 12 (libheif 1.15) turns the pixels and leaves
 * EXIF's turn in the file, so that they would be turned twice. */
#define PHOTO "convert 'IN[0]' OUT.jpg (package imagemagick)"
#define RAW "dcraw_emu -w IN (package libraw-bin)"
#define JXL "djxl IN OUT.png (package libjxl-tools)"
#define JP2 "opj_decompress -i IN -o OUT.png (package libopenjp2-tools)"

#define AT(at, magic, name, remedy) {name, remedy, at, sizeof magic - 1, magic}

/* The first match counts, so a special kind stands before the general one. */
static const struct foreign {
	const char *name, *remedy;
	size_t at, length;
	const char *magic;
} foreigns[] = {
	AT(8, "CR\2", "raw", RAW), /* Canon's raw format inside a TIFF */
	AT(0, "IIRO", "raw", RAW),
	AT(0, "IIU\0", "raw", RAW),
	AT(0, "FUJIFILMCCD-RAW", "raw", RAW),
	AT(4, "ftypcrx ", "raw", RAW),
	AT(0, "II*\0", "TIFF", CONVERT),
	AT(0, "MM\0*", "TIFF", CONVERT),
	AT(0, "II+\0", "TIFF", CONVERT),
	AT(0, "MM\0+", "TIFF", CONVERT),
	AT(0, "GIF87a", "GIF", CONVERT),
	AT(0, "GIF89a", "GIF", CONVERT),
	AT(0, "8BPS", "PSD", CONVERT),
	AT(4, "ftypavif", "AVIF", PHOTO),
	AT(4, "ftypavis", "AVIF", PHOTO),
	AT(4, "ftyphei", "HEIC", PHOTO),
	AT(4, "ftyphev", "HEIC", PHOTO),
	AT(4, "ftypmif1", "HEIC", PHOTO),
	AT(4, "ftypmsf1", "HEIC", PHOTO),
	AT(0, "\xff\x0a", "JPEG XL", JXL),
	AT(0, "\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", JXL),
	AT(0, "\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", JP2),
	AT(0, "\xff\x4f\xff\x51", "JPEG 2000", JP2),
	AT(0, "%PDF-", "PDF", "pdftoppm -png IN OUT (package poppler-utils)"),
};

/* Ordinary text may begin with BMP's two letters, so the header is checked too. */
static bool is_bmp(const uint8_t *b, size_t n)
{
	return n >= 18 && b[0] == 'B' && b[1] == 'M' && !b[6] && !b[7] && !b[8] && !b[9] && b[14] >= 12 && !b[16] && !b[17];
}

/* The netpbm formats other than P5 and P6: bits, decimal numbers, PAM. */
static bool is_other_pnm(const uint8_t *b, size_t n)
{
	if (n < 4 || b[0] != 'P' || !strchr("12347", b[1]) || !strchr(" \t\r\n", b[2]))
		return false;
	return b[1] == '7' ? n > 8 && !memcmp(b + 3, "WIDTH", 5) : b[3] == '#' || (b[3] >= '0' && b[3] <= '9');
}

/* An SVG is a text whose first element is svg, possibly after declarations and comments. */
static bool is_svg(const uint8_t *b, size_t n)
{
	if (n < 5 || (memcmp(b, "<?xml", 5) != 0 && memcmp(b, "<svg", 4) != 0 && memcmp(b, "<!DOC", 5) != 0))
		return false;
	for (size_t i = 0; i + 4 <= n; i++)
		if (!memcmp(b + i, "<svg", 4))
			return true;
	return false;
}

static const struct as_image_kind bmp = {"BMP", CONVERT}, pnm = {"plain or other PNM", CONVERT},
				  svg = {"SVG", "rsvg-convert -o OUT.png IN (package librsvg2-bin)"};

bool as_foreign_find(const uint8_t *b, size_t n, struct as_image_kind *kind)
{
	const struct as_image_kind *found = is_bmp(b, n) ? &bmp : is_other_pnm(b, n) ? &pnm : is_svg(b, n) ? &svg : NULL;
	if (found)
		*kind = *found;
	for (size_t i = 0; !found && i < sizeof foreigns / sizeof *foreigns; i++) {
		const struct foreign *f = &foreigns[i];
		if (n < f->at + f->length || memcmp(b + f->at, f->magic, f->length) != 0)
			continue;
		*kind = (struct as_image_kind){f->name, f->remedy};
		return true;
	}
	return found != NULL;
}

void as_image_name(const char *name, struct as_image_kind *kind)
{
	static const char *const ends[] = {".dng", ".nef", ".nrw", ".arw", ".sr2", ".pef", ".srw", ".3fr", ".fff",
					   ".erf", ".iiq", ".mef", ".mos", ".dcr", ".kdc"};
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && !strcmp(kind->name, "TIFF") && i < sizeof ends / sizeof *ends; i++)
		if (!strcasecmp(dot, ends[i]))
			*kind = (struct as_image_kind){"raw", RAW};
}
