#!/usr/bin/env bash
# Manual pages say just the options that there are, and are clean mdoc.
. "${0%/*}/../lib.sh"
cd "$top" || exit 1
common="help version quiet force progress no-progress"

# "letter long argument?" of each option, from a program and from a page's lists.
from_program()
{
	"$1" --options | awk -F'\t' '{ print $1, $2, ($3 == "-" ? "-" : "arg") }' | sort
}
from_page()
{
	sed -n 's/^\.It Fl //p' "$1" | awk '{
		letter = "-"; arg = "-"; long = ""
		for (i = 1; i <= NF; i++) {
			if ($i == "Fl" || $i == ",") continue
			if ($i == "Ar" || $i == "Ns" || $i == "Cm") { arg = "arg"; break }
			if ($i ~ /^-/) long = substr($i, 2); else letter = $i
		}
		print letter, long, arg
	}' | sort
}
# What every program has may be left to augself(7).
uncommon() { grep -vwE -- "(${common// /|}) -$" || true; }

for path in "$BUILD"/bin/*; do
	[ -x "$path" ] || skip_all "no programs yet"
	program=${path##*/}
	page=man/$program.1
	# Two programs that are one have one page, which names both.
	[ -f "$page" ] || page=$(grep -l "^\.Nm $program\( ,\)\{0,1\}$" man/*.1 | head -n 1)
	if [ ! -f "$page" ]; then
		ok "$program has a manual page" false
		continue
	fi
	is "$(from_page "$page" | uncommon)" "$(from_program "$program" | uncommon)" \
		"$page and $program --options name the same options"
	missing=""
	for s in NAME SYNOPSIS DESCRIPTION "EXIT STATUS" EXAMPLES "SEE ALSO"; do
		grep -q "^\.Sh $s\$" "$page" || missing+="$s; "
	done
	is "$missing" "" "$page has all its sections"
done

if [ -f man/augself.7 ]; then
	missing=""
	for o in $common; do
		from_page man/augself.7 | grep -qE -- " $o -$" || missing+="$o "
	done
	is "$missing" "" "augself(7) has the options common to all"
fi

for page in man/*.1; do
	[ -f "$page" ] || continue
	program=$(basename "$page" .1)
	[ -x "$BUILD/bin/$program" ]; result $? "$page has its program"
done

if command -v mandoc >/dev/null; then
	for page in man/*.[1357]; do
		[ -f "$page" ] && ok "$page is clean mdoc" mandoc -T lint -W warning "$page" && [ ! -s "$out" ]
	done
else
	skip "the pages are clean mdoc" "no mandoc"
fi
done_testing
