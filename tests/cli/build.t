#!/usr/bin/env bash
# The Makefile: installing copies and no more, -j is the caller's, a tarball knows its commit.
. "${0%/*}/../lib.sh"
unset DESTDIR
make_here() { make --no-print-directory -C "$top" B="${BUILD#"$top"/}" "$@"; } # on the build under test
make_new() { make --no-print-directory -C "$top" B="$scratch/new" "$@"; } # on one from nothing

run make_new -n all
[ $status = 0 ] && grep -q img-read "$out"; result $? "what a build from nothing does" || diag "$(cat "$err")"
is "$(grep '^rm [^-]' "$out")" "" "it deletes nothing at its end"

# shellcheck disable=SC2016 # make's
show='show: ; @printf "%s\n" "$(filter -j%,$(filter-out --%,$(MAKEFLAGS)))" | cut -d " " -f 1'
for j in "" -j3 -kj1 "-j 2" --jobs=5; do
	# shellcheck disable=SC2086
	run make_here $j -f Makefile -f <(echo "$show") show
	want=${j//[^0-9]/}
	is "$(cat "$out" "$err")" "-j${want:-$(sh "$top/pipelines/cpus.sh")}" "make $j: as many jobs"
done
run env MAKEFLAGS=-j4 make --no-print-directory -C "$top" B="${BUILD#"$top"/}" -f Makefile -f <(echo "$show") show
is "$(cat "$out" "$err")" "-j4" "MAKEFLAGS=-j4: as many jobs"

# Libraries: found without pkg-config too, by their headers and by what links, whoever put
# them there; what is not here is said in Debian's names.
libraries() { env CC="${CC:-gcc}" CPPFLAGS= LDFLAGS= PKG_CONFIG=none "$@" sh "$top/lib/libraries.sh"; }
value() { sed -n "s/^$1 := *//p" "$out"; }
ok "libraries, without pkg-config" libraries
like "$(value LIB_LINKS)" '^-lmsgpack-?c -ljansson -lxxhash -lpng .*-ljpeg -llbfgs' "the compiler finds them"
is "$(value LIB_PC)$(value LIB_MISSING)" "" "none is missing, pkg-config knows none"
echo 'int none;' | "${CC:-gcc}" -shared -x c - -o libmsgpack-c.so
ok "... of two names" libraries LDFLAGS="-L$PWD"
like "$(value LIB_PLAIN)" '^-lmsgpack-c ' "the one that links"
ok "... without a compiler" libraries CC=none
like "$(value LIB_MISSING)" '^gcc libc6-dev libmsgpack-dev .*libjpeg-dev' "all are missing"
ok "... with nothing but the user's own headers" libraries CPPFLAGS="-nostdinc -I$PWD/own"
like "$(value LIB_MISSING)" '^libc6-dev libmsgpack-dev libjansson-dev' "what he has not is missing"
mkdir own && touch own/jansson.h own/stdio.h
ok "... some of them" libraries CPPFLAGS="-nostdinc -I$PWD/own"
like "$(value LIB_MISSING)" '^libmsgpack-dev libxxhash-dev' "what he has is not"
touch own/cblas.h
ok "... and another BLAS" libraries CPPFLAGS="-nostdinc -I$PWD/own"
like "$(value LIB_MISSING)" 'libopenblas-dev$' "its header of the same name is not OpenBLAS's"
echo '#define OPENBLAS_VERSION "any"' >own/cblas.h
ok "... and OpenBLAS" libraries CPPFLAGS="-nostdinc -I$PWD/own"
like "$(value LIB_MISSING)" 'liblbfgs-dev$' "it is not missing"
# shellcheck disable=SC2016
printf '#!/bin/sh\ncase "$*" in *msgpack-c|*libpng) [ "$1" != --libs ] || echo -lmine;; *) exit 1;; esac\n' >pc && chmod +x pc
ok "... with pkg-config" libraries PKG_CONFIG="$PWD/pc"
is "$(value LIB_PC)" "msgpack-c libpng" "... its names"
like "$(value LIB_LINKS)" '^-lmine -lmine -ljansson' "... and what it says is linked"

# Those that are loaded late are optional: they are in no list of what is missing, linked or in augself.pc.
ok "... and no optional ones" libraries CPPFLAGS="-nostdinc -I$PWD/none"
is "$(value LIB_LATE_MISSING)" "libmatio-dev libexpat1-dev libarchive-dev" "they are not here"
is "$(value LIB_LATE_matio)$(value LIB_LATE_expat)" "" "... and have no flags"
mkdir late && touch late/expat.h late/matio.h late/archive.h
echo 'int none;' | "${CC:-gcc}" -shared -Wl,-soname,libexpat.so.77 -x c - -o late/libexpat.so
ok "... one in a folder of the user's" libraries CPPFLAGS="-nostdinc -I$PWD/late" LDFLAGS="-L$PWD/late"
is "$(value LIB_LATE_expat)" "-DAS_LATE_expat=libexpat.so.77" "it is loaded by the name that its file says"
is "$(value LIB_PC)$(value LIB_LINKS | grep -oE 'matio|expat')$(value LIB_MISSING | grep -oE 'matio|expat')" "" \
	"... and neither linked nor missing"
ok "... headers and nothing that links" libraries CPPFLAGS="-nostdinc -I$PWD/late" LDFLAGS="-Wl,--no-such-flag"
is "$(value LIB_LATE_expat)$(value LIB_LATE_MISSING)" "libmatio-dev libexpat1-dev libarchive-dev" "they are not here either"
# Tests fetch them, the demo and a plain make do not ask: with a compiler that does not find one of them.
cat >cc <<'END'
#!/bin/sh
case " $* " in *" -E "*) ;; *) exec gcc "$@" ;; esac
text=$(cat)
case $text in *matio.h*) exit 1 ;; esac
echo "$text" | gcc "$@"
END
chmod +x cc
for goal in all demo check cov deps "check EMULATOR=any"; do
	# shellcheck disable=SC2086
	echo "$goal: $(make_new -n CC="$PWD/cc" PKG_CONFIG=none $goal 2>&1 | sed -n 's/.*these packages are missing.*: //p' | sort -u)"
done >asked
is "$(sed 's/ *$//' asked)" \
	"$(printf '%s\n' all: demo: 'check: libmatio-dev' 'cov: libmatio-dev' 'deps: libmatio-dev' "check EMULATOR=any:")" \
	"what is optional only tests ask for"

# A build without a library says so, once, before anything is compiled.
run make_new CC="$PWD/none" PKG_CONFIG=none
# shellcheck disable=SC2016 # make's quotes
is "$status $(grep -c 'These packages are missing, `make deps` installs them: gcc libc6-dev libmsgpack-dev' "$out")" "2 1" \
	"a plain make without libraries: what is missing" || diag "$(cat "$out" "$err")"
is "$(grep -cE '^  (CC|LD|AR) ' "$out")" 0 "... and nothing is tried"

# Who is not root has somebody else fetch them, and then they are seen.
mkdir "$scratch/user" "$scratch/asked"
printf '#!/bin/sh\necho 1000\n' >"$scratch/user/id" && printf '#!/bin/sh\nexit 1\n' >"$scratch/user/sudo" && chmod +x "$scratch"/user/*
as_user() { PATH="$scratch/user:$PATH" make --no-print-directory -C "$top" B="$scratch/asked" deps; }
echo 'LIB_LATE_MISSING := libnone-dev' >"$scratch/asked/libraries.mk"
run as_user
like "$status $(tr '\n' ' ' <"$out")" '^2 .*su -c "apt-get update && apt-get install .* libnone-dev"' "without root: the line for root"
ok "... who ran it: nothing is missing" as_user

# Installing, twice: by who built, and by one whom git tells nothing and who has other settings.
before=$(cd "$BUILD" && find . -type f -printf '%p %T@\n' | sort)
ok "make install" make_here -j1 install prefix="$scratch/usr"
is "$(grep -cE '^  (CC|LD|AR) ' "$out")" 0 "it compiles nothing"
grep -q "^  NOTE .*$scratch/usr/lib.*ldconfig" "$out"; result $? "the loader does not look there, and we say so" || diag "$(cat "$out")"
grep -q "^  NOTE .*export PATH=$scratch/usr/bin:\$PATH" "$out"; result $? "... nor the shell" || diag "$(cat "$out")"
notes() { env "$@" sh "$top/lib/notes.sh" "$PWD/bin" "$PWD/lib" "$PWD/pc" libaugself.so.0.2; }
run notes PATH="$PWD/bin:$PATH" PKG_CONFIG_PATH="/none:$PWD/pc"
is "$(grep -cE 'PATH=.*/(bin|pc)' "$out")" 0 "who has his paths is not told of them"
printf '#!/bin/sh\necho "	libaugself.so.0.2 (libc6,x86-64) => %s/lib/libaugself.so.0.2"\n' "$PWD" >ldconfig && chmod +x ldconfig
run notes PATH="$PWD:$PWD/bin:$PATH" PKG_CONFIG_PATH="$PWD/pc"
is "$(cat "$out" "$err")" "" "... nor of anything, where all look there"
touch no-folder
run make_here install prefix="$PWD/no-folder/usr"
like "$status $(cat "$out")" "^2 install: you may not write into $PWD/no-folder: .*prefix=.HOME/.local" "where nothing can be written"
mkdir "$scratch/bin" && printf '#!/bin/sh\nexit 128\n' >"$scratch/bin/git" && chmod +x "$scratch/bin/git"
ok "again without git and with other flags" env PATH="$scratch/bin:$PATH" CFLAGS=-O0 make -C "$top" \
	B="${BUILD#"$top"/}" install DESTDIR="$scratch/root" prefix=/usr
is "$(grep -cE '^  (CC|LD|AR|NOTE) ' "$out")" 0 "... compiles nothing, and in a DESTDIR has nothing to say of loaders"
is "$(cd "$BUILD" && find . -type f -printf '%p %T@\n' | sort)" "$before" "... and left the build as it was"
is "$(cd "$scratch/root/usr" && find . -type f -o -type l | sort)" \
	"$(cd "$scratch/usr" && find . -type f -o -type l | sort)" "both installed the same"
for p in bin/img-read lib/libaugself.a include/augself/augself.h include/augself/stream/stream.h lib/pkgconfig/augself.pc \
	share/man/man1/img-read.1 share/augself/pipelines/demo.mk share/augself/augself.py share/augself/augself_torch.py \
	share/doc/augself/schemas/image.md share/doc/augself/examples/mean.c; do
	[ -s "$scratch/usr/$p" ]; result $? "installed: $p"
done
is "$(find "$scratch/usr" -type f ! -path '*/bin/*' ! -name '*.sh' ! -perm 644 -o \( -path '*/bin/*' -o -name '*.sh' \) ! -perm 755)" "" \
	"modes"
is "$(cd "$scratch/usr/share/augself/pipelines" && echo *.sh)" "cpus.sh own.sh plan.sh ranks.sh" "pipelines with their scripts"

# In a folder of the user's own, and when this has been moved: nothing is told but PATH.
cp -R "$scratch/usr" "$scratch/moved"
moved() { env -i PATH="$scratch/moved/bin:/usr/bin:/bin" TMPDIR="$scratch" bash -o pipefail -c "$1"; }
ok "moved elsewhere, programs run" moved 'img-synth -q --count 32 | aug-sample -q | aug-apply -q |
	ssl-train -q --augself crop=1 --width 0.0625 --batch 32 -o moved.safetensors'
[ -s moved.safetensors ]; result $? "... and train"
ok "... pipelines find each other" moved "make -n -f $scratch/moved/share/augself/pipelines/demo.mk OUT=moved"
like "$(cat "$out")" '(^|[ /])ssl-train ' "... and say what they would do"

# A source that changed since: no old program is passed off as new. (A copy: the checkout stays.)
mkdir "$scratch/copy"
(cd "$top" && find . -maxdepth 1 ! -name . ! -name build ! -name .git -exec cp -a {} "$scratch/copy" \;)
touch "$scratch/copy/lib/base/rng.c"
run make -C "$scratch/copy" B="$BUILD" install DESTDIR="$scratch/stale"
[ $status = 2 ] && grep -q 'lib/base/rng.c is newer than what was built: run make first' "$err" && [ ! -e "$scratch/stale" ]
result $? "a source newer than the build: install says so" || diag "$(cat "$err")"

# Programs of somebody else, in C and C++, linked to the shared and to the static library: the example,
# and one that asks which library it runs with. Where a program's own headers are called as ours
# in a floor are, it gets its own.
export PKG_CONFIG_PATH=$scratch/usr/lib/pkgconfig
example=$scratch/usr/share/doc/augself/examples/mean.c
flags() { pkg-config --cflags "$@" --libs augself; }
mkdir base && echo '#define OWN_TEXT 1' >base/text.h
cat >which.c <<-'EOF'
	#include <augself/augself.h>
	#include <augself/nn/net.h>
	#include <base/text.h>
	#include <stdio.h>
	#include <string.h>
	int main(void)
	{
		struct as_rng r = as_rng_at(1, 2, 3, 4, 5);
		printf("%s %d %s\n", as_version(), AS_VERSION_NUMBER, as_isa_name(as_isa_best()));
		return strcmp(as_version(), AS_VERSION) || as_rng_between(&r, 0, 1) > 1 || !OWN_TEXT;
	}
EOF
cp which.c which.cc
compile() # compile COMPILER STANDARD SOURCE PROGRAM FLAGS...: as strictly as somebody may
{
	# shellcheck disable=SC2046
	"$1" -std="$2" -Wall -Wextra -Werror -pedantic -I. -pthread -o "$4" "$3" $(flags "${@:5}")
}
linked_for() { LD_RUN_PATH=$1 compile "${CC:-gcc}" c11 which.c found; }
summary() { img-synth -q --count 3 | LD_LIBRARY_PATH=$scratch/usr/lib "$1"; }
on_library() # on_library KIND FLAGS...: all three are built on it and run
{
	ok "the example, on the $1 library" compile "${CC:-gcc}" c11 "$example" "$1" "${@:2}"
	ok "... runs" summary "./$1"
	is "$(wc -l <"$out") $(cut -f1 "$out" | tail -n 1)" "4 2" "... a line for each image"
	cp "$out" "wanted.$1"
	ok "C, on the $1 library" compile "${CC:-gcc}" c11 which.c "which.$1" "${@:2}"
	ok "... runs" env LD_LIBRARY_PATH="$scratch/usr/lib" "./which.$1"
	like "$(cat "$out")" '^[0-9]+\.[0-9]+\.[0-9]+ [0-9]+ [a-z0-9]+$' "... with a library of its headers"
	if command -v "${CXX:-g++}" >/dev/null; then
		ok "C++, on the $1 library" compile "${CXX:-g++}" c++11 which.cc "which++.$1" "${@:2}"
		ok "... runs" env LD_LIBRARY_PATH="$scratch/usr/lib" "./which++.$1"
	else
		skip "C++, on the $1 library" "no C++ compiler"
	fi
}
if ! command -v pkg-config >/dev/null; then
	skip "a program on the installed library" "no pkg-config"
elif [[ $BUILD != */release && $BUILD != */debug ]]; then
	skip "a program on the installed library" "this build needs its sanitizer"
else
	on_library shared
	like "$(objdump -p which.shared)" 'NEEDED +libaugself\.so\.0\.2$' "the shared one is remembered by its minor version"
	ok "linked with LD_RUN_PATH, as the note says" linked_for "$scratch/usr/lib"
	ok "... it needs no other word" env -u LD_LIBRARY_PATH ./found
	rm "$scratch/usr/lib"/libaugself.so*
	on_library static --static
	cmp -s wanted.shared wanted.static; result $? "on both the example says the same"
fi

ok "make uninstall" make_here uninstall prefix="$scratch/usr"
rm -rf "$scratch/usr/lib"/libaugself.so*
is "$(cd "$scratch/usr" && find . -type f -o -type l)" "" "leaves nothing behind"

# git.h: of a checkout; of its tarball, even where that lies inside another repository.
id_of() { make -s -C "$1" B="$2" "$2/git.h" >"$scratch/log" 2>&1 && sed 's/.*"\(.*\)"/\1/' "$2/git.h"; }
if git -C "$top" rev-parse --verify -q HEAD >"$scratch/head" 2>"$scratch/log" && [ -e "$top/.git" ]; then
	is "$(id_of "$top" "$scratch/b1")" "$(git -C "$top" describe --always --dirty)" "a checkout names its commit"
	git init -q other && git -C other -c user.name=a -c user.email=a@b commit -q --allow-empty -m other
	git -C "$top" archive --prefix=other/copy/ HEAD | tar x
	cp "$top/tools/module.mk" other/copy/tools # as it is now
	got=$(id_of "$PWD/other/copy" "$scratch/b2")
	[ -n "$got" ] && [[ $(cat "$scratch/head") == "$got"* ]]
	result $? "its tarball does, inside another repository" || diag "got '$got'"
	rm other/copy/.commit
	is "$(id_of "$PWD/other/copy" "$scratch/b3")" "" "without its name it has none"
else
	skip "commits" "no checkout, or not ours"
fi
done_testing
