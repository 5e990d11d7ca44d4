#!/usr/bin/env bash
# Debian's packages, without building them: every installed file is in one of them, names follow the library's, what
# is generated follows the tree. (`make deb` builds them, .debian/try installs them.)
. "${0%/*}/../lib.sh"
unset DESTDIR DEBFULLNAME DEBEMAIL
export SOURCE_DATE_EPOCH=1700000000
mkdir tree
(cd "$top" && cp -R .debian Makefile LICENSE lib "$scratch/here/tree")
generate() { (cd tree && sh .debian/generate); }
ok "debian/ is generated" generate
cd tree || exit
version=$(sed -n 's/^#define AS_VERSION "\(.*\)"/\1/p' lib/base/version.h)
soname=$(objdump -p "$BUILD/libaugself.so.$version" | awk '$1 == "SONAME" { print $2 }')
abi=${soname#libaugself.so.}
is "$(grep -rn '@[A-Z]*@' debian)" "" "nothing is left to fill in"
is "$(sed -n 's/^Package: //p' debian/control | xargs)" "augself augself-mpi libaugself$abi libaugself-dev augself-doc" \
	"five packages, the library's called as its file"
is "$(sed -n '1p;3p' "debian/libaugself$abi.symbols")" "$soname libaugself$abi #MINVER#
 (symver)AUGSELF_$abi $version" "its symbols are of this version"
is "$(nm -D --defined-only "$BUILD/libaugself.so.$version" | grep -vc "@@*AUGSELF_$abi$")" 1 "... and have its mark (but the mark itself)"
is "$(head -n 1 debian/changelog)" "augself ($version) unstable; urgency=medium" "the changelog has it"
is "$(tail -n 1 debian/changelog)" " -- augself developers <augself@example.org>  Tue, 14 Nov 2023 22:13:20 +0000" \
	"... and the time of the commit"
like "$(cat debian/copyright)" "^Copyright: [0-9]{4} the augself developers" "the licence has its owner"
is "$(sed '1,/^License: Expat$/d; s/^ \.$//; s/^ //' debian/copyright)" "$(sed '1,/^$/d; 1,/^$/d' LICENSE)" "... and its text"

# What building takes is what lib/libraries.sh looks for; what a static link does, what augself.pc requires.
field() { awk -v p="$1" -v f="$2" '/^Package:|^Source:/ { here = $2 == p } /^[^ ]/ { mine = here && $1 == f ":" } mine' debian/control; }
for package in $(cd "$top" && CC=none CPPFLAGS='' LDFLAGS='' PKG_CONFIG=none sh lib/libraries.sh | sed -n 's/^LIB_.*MISSING := //p'); do
	case $package in gcc | libc6-dev) continue ;; esac
	field augself Build-Depends | grep -qE "[ ,]$package(,|$)"; result $? "building takes $package"
done
# ... and those that are loaded late are looked up by dpkg.
late=$(sed -n '/^late()/,/^}/p' lib/libraries.sh | awk 'NF == 4 { print $3 }' | sort | xargs)
is "$(sed -n 's/^LATE := openblas //p' debian/rules)" "$late" "the packages know what is loaded late"
is "$(grep -oE 'build/late/[a-z]+' debian/rules | sed 's,.*/,,' | sort | xargs)" \
	"$(echo "openblas $late" | xargs -n1 | sort | xargs)" "... and ask for each"
is "$(field libaugself-dev Depends | grep -o 'lib[a-z0-9-]*-dev\|zlib1g-dev' | wc -l)" \
	"$(sed -n 's/^LIB_PC := //p; s/^LIB_PLAIN := *//p' "$BUILD/libraries.mk" | wc -w)" "headers come with what augself.pc requires"

# Every file is in just one package, every line of a list is of some file.
ok "make install, as a package does" make --no-print-directory -C "$top" B="${BUILD#"$top"/}" install DESTDIR="$scratch/root" \
	prefix=/usr libdir=/usr/lib/any zsh_dir=zsh/vendor-completions
(cd "$scratch/root" && find . ! -type d | sed 's,^\./,,' | sort) >../installed
awk '{ print FILENAME, $1 }' debian/*.install debian/not-installed >../lists
# What speaks MPI is of its own package, and there only if MPI was.
apart=$(sed -n 's/^\tdh_install -paugself -X//p' debian/rules)
is "$(grep -c "$apart" debian/augself-mpi.install) $(grep -vc "$apart" debian/augself-mpi.install)" "4 0" \
	"augself leaves what is augself-mpi's"
[ -x "$BUILD/bin/ssl-train-mpi" ] || sed -i "/$apart/d" ../lists
assign() # each line: how many lists have the file, its name; and of lists without a file
{
	awk -v apart="$apart" '
	NR == FNR {
		gsub(/\./, "\\.", $2); gsub(/\*/, "[^/]*", $2)
		list[++n] = $1
		pattern[n] = "^" $2 "(/|$)"
		next
	}
	{
		of = 0
		for (i = 1; i <= n; i++)
			if ($0 ~ pattern[i] && !(list[i] ~ /augself\.install/ && index($0, apart))) { of++; used[i] = 1 }
		if (of != 1)
			print of, $0
	}
	END { for (i = 1; i <= n; i++) if (!used[i]) print "nothing is", pattern[i] }' ../lists ../installed
}
[ "$(wc -l <../installed)" -gt 100 ]; result $? "files are installed"
is "$(assign)" "" "each is in one package, and no list names what is not there"
echo usr/share/none >>../installed
is "$(assign)" "0 usr/share/none" "one that no list has would be seen"

# build: of a tarball, with its commit's time, untouched by settings of who calls. Debian's own tools are played.
cd .. && mkdir bin
cat >bin/dpkg-buildpackage <<'END'
#!/bin/sh
echo "$*, epoch $SOURCE_DATE_EPOCH, flags '${MAKEFLAGS-}${CFLAGS-}${DESTDIR-}'" >../said
echo a-reason
[ ! -e ../../fail ] && echo deb >../augself_1_any.deb && echo changes >../augself_1_any.changes
END
printf '#!/bin/sh\necho lintian "$@"\n' >bin/lintian && chmod +x bin/*
mv tree augself-x && touch -d @1600000000 augself-x/Makefile && tar cf - augself-x | gzip >any.tar.gz
build() { env -u SOURCE_DATE_EPOCH PATH="$PWD/bin:$PATH" JOBS=3 CFLAGS=-O0 MAKEFLAGS=k DESTDIR=/no sh "$top/.debian/build" any.tar.gz out; }
ok "packages of a tarball" build
is "$(cat out/said)" "-us -uc -j3, epoch 1600000000, flags ''" "its time, our jobs, no settings of others"
is "$(cat "$out")" "lintian --pedantic --display-info --fail-on error,warning ./augself_1_any.changes
./augself_1_any.deb" "lintian is asked, and it says what there is"
[ -s out/augself-x/debian/control ]; result $? "of the tarball's own tree"
touch fail
run build
is "$status $(cat "$out")" "1 a-reason
deb: failed; all that was said is in $PWD/out/log" "one that fails says why"
done_testing
