#!/usr/bin/env bash
# Includes point downwards, and every header stands on its own, in C and in C++.
. "${0%/*}/../lib.sh"
cd "$top" || exit 1
floors="base kern stream image data aug nn ssl eval"

floor_of() # number of a floor, 0 for none
{
	local n=0 f
	for f in $floors; do
		n=$((n + 1))
		[ "$f" = "$1" ] && echo $n && return
	done
	echo 0
}

# arrows GLOB...: "file included-floor/header" for each #include "..." in them.
arrows()
{
	grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]+"' "$@" /dev/null |
		sed -E 's/^([^:]*):.*"([^"]+)"/\1 \2/'
}

upward=""
while read -r file header; do
	mine=$(floor_of "$(basename "$(dirname "$file")")")
	theirs=$(floor_of "${header%%/*}")
	case $header in */*) ;; *) theirs=0 ;; esac
	if [ "$theirs" = 0 ]; then
		upward+="$file includes \"$header\", which names no floor"$'\n'
	elif [ "$theirs" -gt "$mine" ]; then
		upward+="$file includes \"$header\", a floor above its own"$'\n'
	elif [ ! -f "lib/$header" ]; then
		upward+="$file includes \"$header\", which is not there"$'\n'
	fi
done < <(arrows lib/*/*.[ch])
is "$upward" "" "a file of lib/ includes only its own floor and those below"

unknown=""
for d in lib/*/; do
	d=${d%/}
	[ "$(floor_of "${d#lib/}")" != 0 ] || unknown+="$d "
done
is "$unknown" "" "every folder of lib/ is a floor"

# OpenBLAS and intrinsics are kern's own business; getopt and printing the programs'.
is "$(grep -lE 'cblas|immintrin' lib/*/*.[ch] tools/*.[ch] | grep -v '^lib/kern/')" "" \
	"only kern/ knows OpenBLAS and intrinsics"
extension='__(builtin_|attribute__|asm|extension__|typeof)|_Pragma|#pragma|\b(asm|typeof)\b ?\('
is "$(grep -lE "$extension" lib/*/*.[ch] tools/*.[ch] | xargs)" \
	lib/base/attr.h "only base/attr.h has extensions of the compiler"
is "$(grep -lE 'immintrin|arm_neon|\b_mm[0-9]*_|sanitizer/' lib/*/*.[ch] tools/*.[ch] | xargs)" \
	"lib/base/poison.h lib/kern/cell.h lib/kern/lanes.h lib/kern/pix.isa.c" "... and those that it names have a CPU's or a sanitizer's"
is "$(grep -nE '\b(printf|puts|putchar|perror|exit|abort) ?\(|\b(stdout|stderr)\b' lib/*/*.c |
	grep -vE ':[[:space:]]*(\*|/\*|//)')" "" "the library never prints, exits or aborts"

# Files do not go round in a circle: if functions of a file call another's, directly or through
# others, none of those call back. Calls as the objects have them; a table that points at descriptors is
# data, and calls nobody.
calls() # calls OBJECT...: "file called-file" by the functions that one defines and the other does not
{
	local o
	for o in "$@"; do
		nm -g --defined-only "$o" | awk -v o="$o" '$(NF - 1) == "T" { print "has", $NF, o }'
		nm -u "$o" | awk -v o="$o" 'NF { print "wants", $NF, o }'
	done | awk 'BEGIN { n = 0 } $1 == "has" { of[$2] = $3 } $1 == "wants" { name[n] = $2; who[n++] = $3 }
		END { for (i = 0; i < n; i++) if (name[i] in of) print who[i], of[name[i]] }' | sort -u
}
circles() # circles OBJECT...: the files of each circle
{
	calls "$@" >"$scratch/calls"
	tsort "$scratch/calls" 2>&1 >/dev/null | sed "s|^tsort: *||; s|$scratch/calls|files|; s|^$BUILD/||"
}
mapfile -t objects < <(find "$BUILD/lib" "$BUILD/tools" -name '*.o' | sort)
[ "$(calls "${objects[@]}" | wc -l)" -gt 300 ]
result $? "the objects tell who calls whom"
is "$(circles "${objects[@]}")" "" "no circle of files calls itself"
for i in 1 2; do # where there is one, it is seen
	echo "void f$i(void); void f$((3 - i))(void); void f$i(void) { f$((3 - i))(); }" >"$scratch/f$i.c"
	${CC:-gcc} -c -o "$scratch/f$i.o" "$scratch/f$i.c"
done
like "$(circles "$scratch"/f[12].o)" 'loop' "... and one would be seen"

# A header is public when lib/augself.h names it; only these are installed.
public=$(arrows lib/augself.h | sed 's/.* //' | sort)
shared="bad|batches|common|ending|message|options|output|probe|progress|pulse|ranks|relay|screen|terminal"
is "$(arrows tools/*.[ch] | grep -vE " ($shared)\.h$" | grep -vwFf <(echo "$public"))" "" \
	"programs include what they share and what lib/augself.h names"
is "$(for h in $public; do arrows "lib/$h"; done | grep -vwFf <(echo "$public"))" "" \
	"what lib/augself.h names includes nothing private"

# Each header says in its first words which of the two it is: "Public since 0.2.", or "Private to lib/kern:"
# and then only files of that folder, or of the two that it names, and tests include it.
bad=""
for h in lib/*.h lib/*/*.h; do
	first=$(head -n 1 "$h")
	if [ "$h" = lib/augself.h ] || grep -qxF "${h#lib/}" <<<"$public"; then
		[[ $first =~ ^"/* Public since "[0-9]+\.[0-9]+". " ]] ||
			bad+="$h: lib/augself.h names it, so it begins with \"/* Public since 0.2. \": $first"$'\n'
	elif [[ $first =~ ^"/* Private to lib/"([a-z]+)(" and lib/"([a-z]+))?(" and its tests")?": " ]]; then
		bad+=$(arrows lib/*/*.[ch] | grep -F " ${h#lib/}" | grep -vE "^lib/(${BASH_REMATCH[1]}|${BASH_REMATCH[3]:-none})/" |
			sed "s|\$|, whose first words do not let it|")
	else
		bad+="$h: lib/augself.h does not name it, so it begins with \"/* Private to lib/FLOOR: \": $first"$'\n'
	fi
done
is "$bad" "" "each header says whether it is public or private, and lib/augself.h says the same"
is "$(for h in $public; do grep -HniE 'since [0-9]+\.[0-9]' "lib/$h" | grep -v '^[^:]*:1:'; done | grep -iF "since 0.2")" "" \
	"... and since when, once: only what came later has a word of its own"

# A method's name stands in its file and in the table, an augmentation's also in presets
# and in the recipes' heads. crop alone asks for another: its target is seen in the
# displayed, perhaps flipped frame. No program knows any; that aug-sample has an option of
# the name eval is not the cut's; CSS has a property of the name color.
names_of() { sed -n 's/^\t\.name = "\([^"]*\)",$/\1/p' "$@"; }
# The code without comments and includes; names count in longer texts too, but not in words joined
# by hyphens, as compat words are.
for f in lib/*/*.[ch] tools/*.[ch]; do
	mkdir -p "$scratch/code/${f%/*}"
	perl -0pe 's{/\*.*?\*/}{}gs; s{^\s*#\s*include.*}{}gm' "$f" >"$scratch/code/$f"
done
outside() # outside NAME FILE...: where else the code knows the name
{
	(cd "$scratch/code" && grep -lP "\"[^\"]*(?<![-\\w])$1(?![-\\w])[^\"]*\"|\\bas_(method|aug)_$1\\b" lib/*/*.[ch] tools/*.[ch]) |
		grep -vxFf <(printf '%s\n' "${@:2}") | sed "s/$/ knows $1/"
}
bad="" count=0
for f in lib/ssl/*.c lib/aug/*.c; do
	grep -qE '^const struct as_(method|aug) [a-z_]+ = ' "$f" || continue
	count=$((count + 1))
	knows=$f
	case $f in
	lib/aug/flip.c) knows=lib/aug/crop.c ;;
	lib/aug/eval.c) knows=tools/aug-sample.c ;;
	lib/aug/color.c) knows=lib/eval/report_style.c ;;
	esac
	bad+=$(outside "$(names_of "$f")" "$f" "$knows" lib/ssl/method.c lib/ssl/recipe.c lib/aug/table.c lib/aug/preset.c)$'\n'
done
[ "$count" -ge 14 ]; result $? "methods and augmentations have files of their own" || diag "$count"
is "$(grep . <<<"$bad")" "" "nothing outside its file and its table, no program either, knows a method's or an augmentation's name"

bad=""
for h in lib/*.h lib/*/*.h tools/*.h; do
	[ -f "$h" ] || continue
	echo "#include \"${h#lib/}\"" >"$scratch/self.c"
	${CC:-gcc} -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -Ilib -I. -fsyntax-only \
		"$scratch/self.c" >"$scratch/log" 2>&1 || bad+="$h: $(head -n 2 "$scratch/log")"$'\n'
done
is "$bad" "" "headers are self-contained in C"

if command -v "${CXX:-g++}" >/dev/null; then
	bad=""
	for h in lib/*.h lib/*/*.h; do
		[ -f "$h" ] || continue
		echo "#include \"${h#lib/}\"" >"$scratch/self.cc"
		${CXX:-g++} -std=c++11 -Wall -Wextra -Werror -Ilib -fsyntax-only \
			"$scratch/self.cc" >"$scratch/log" 2>&1 || bad+="$h: $(head -n 2 "$scratch/log")"$'\n'
	done
	is "$bad" "" "headers are self-contained in C++"
else
	skip "headers are self-contained in C++" "no C++ compiler"
fi
done_testing
