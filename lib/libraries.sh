#!/bin/sh
# libraries.sh: how the libraries that we stand on are called on this machine, for the Makefile:
#
#   LIB_CFLAGS  what compiling takes           LIB_PC     the names that pkg-config knows them by
#   LIB_LINKS   what linking takes             LIB_PLAIN  what linking takes of those it does not
#   LIB_MISSING Debian's packages of those that are not here
#
# Some that only few users need are never linked: they are loaded when they are first used (lib/stream/late.h).
#
#   LIB_LATE_x  what compiling the file that loads library x takes: empty if x is not here
#   LIB_LATE_MISSING  Debian's packages of those
#
# And one for a program of its own, ssl-train-mpi, which is built where it is:
#
#   LIB_MPI_CFLAGS, LIB_MPI_LINKS  what compiling and linking with MPI takes; empty if there is none
#
# pkg-config is asked first. What it does not know, or where there is none, the compiler finds: a
# library is here when its header is, whoever put it there; of several names that which links.
# CC, CPPFLAGS, LDFLAGS and PKG_CONFIG come from the environment.
set -u
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# Header (and :MACRO, where others bring a header of that name), pkg-config's names, the linker's names (- where nothing is
# to be linked), Debian's package.
table()
{
	cat <<-END
	stdio.h         -                   -                     libc6-dev
	msgpack.h       msgpack-c,msgpack   msgpack-c,msgpackc    libmsgpack-dev
	jansson.h       jansson             jansson               libjansson-dev
	xxhash.h        libxxhash           xxhash                libxxhash-dev
	png.h           libpng              png                   libpng-dev
	zlib.h          zlib                z                     zlib1g-dev
	webp/decode.h   libwebp             webp                  libwebp-dev
	jpeglib.h       libjpeg             jpeg                  libjpeg-dev
	lbfgs.h         liblbfgs            lbfgs                 liblbfgs-dev
	cblas.h:OPENBLAS_VERSION openblas   -                     libopenblas-dev
	END
}

# The same of those that are loaded late.
late()
{
	cat <<-END
	matio.h         matio               matio                 libmatio-dev
	expat.h         expat               expat                 libexpat1-dev
	archive.h       libarchive          archive               libarchive-dev
	END
}

# known NAME,...: the first that pkg-config knows.
known()
{
	for each in $(echo "$1" | tr , ' '); do
		$PKG_CONFIG --exists "$each" 2>/dev/null && echo "$each" && return
	done
	return 1
}

# shellcheck disable=SC2086 # flags are several words
has() # HEADER[:MACRO]
{
	case $1 in
	*:*) printf '#include <%s>\n#ifndef %s\n#error\n#endif\n' "${1%:*}" "${1#*:}" ;;
	*) printf '#if !__has_include(<%s>)\n#error\n#endif\n' "$1" ;;
	esac | $CC $CPPFLAGS -E -x c - >"$scratch/log" 2>&1
}

# shellcheck disable=SC2086
links() # NAME
{
	echo 'int main(void) { return 0; }' | $CC $LDFLAGS -x c - -o "$scratch/a" "-l$1" 2>"$scratch/log"
}

# linked NAME,...: the first that links; of a single name, or where none does, the last.
linked()
{
	for name in $(echo "$1" | tr , ' '); do
		[ "$name" = "${1##*,}" ] || links "$name" || continue
		echo "$name"
		return
	done
}

# The file of a library as programs remember it, such as libmatio.so.11: by this it is loaded.
# shellcheck disable=SC2086
remembered() # NAME [FLAGS]
{
	echo 'int main(void) { return 0; }' | $CC $LDFLAGS -x c - -o "$scratch/a" -Wl,--no-as-needed $2 "-l$1" 2>"$scratch/log" &&
		LC_ALL=C readelf -d "$scratch/a" 2>"$scratch/log" | sed -n "s/.*NEEDED.*\[\(lib$1\.so[^]]*\)].*/\1/p"
}

cflags="" links="" pc="" plain="" missing=""
command -v "${CC%% *}" >"$scratch/log" || missing=" gcc"
while read -r header packages names debian; do
	if name=$(known "$packages"); then
		cflags="$cflags $($PKG_CONFIG --cflags "$name")"
		[ "$names" = - ] || pc="$pc $name" links="$links $($PKG_CONFIG --libs "$name")"
	elif has "$header"; then
		[ "$names" = - ] || plain="$plain -l$(linked "$names")"
	else
		missing="$missing $debian"
	fi
done <<END
$(table)
END
late_flags="" late_missing=""
while read -r header package name debian; do
	flags="" file=""
	if known "$package" >"$scratch/log"; then
		flags=$($PKG_CONFIG --cflags "$package")
		file=$(remembered "$name" "$($PKG_CONFIG --libs-only-L "$package")")
	elif has "$header"; then
		file=$(remembered "$name" "")
	fi
	[ -n "$file" ] && flags="-DAS_LATE_$name=$file $flags" || flags="" late_missing="$late_missing $debian"
	# shellcheck disable=SC2086,SC2116 # single blanks
	late_flags="$late_flags$(echo LIB_LATE_$name := $flags)
"
done <<END
$(late)
END
mpi=$(known mpi-c,ompi-c,mpich) && mpi_cflags=$($PKG_CONFIG --cflags "$mpi") mpi_links=$($PKG_CONFIG --libs "$mpi") ||
	mpi_cflags="" mpi_links=""
# shellcheck disable=SC2086 # single blanks between words
{
	echo LIB_CFLAGS := $cflags
	echo LIB_LINKS := $links $plain
	echo LIB_PC := $pc
	echo LIB_PLAIN := $plain
	echo LIB_MISSING := $missing
	printf %s "$late_flags"
	echo LIB_LATE_MISSING := $late_missing
	echo LIB_MPI_CFLAGS := $mpi_cflags
	echo LIB_MPI_LINKS := $mpi_links
}
