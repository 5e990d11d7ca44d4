#!/usr/bin/env bash
# How far it is: one line at the bottom of a terminal, whoever else speaks there; elsewhere a
# plain line now and then. Terminals are script(1)'s.
. "${0%/*}/../lib.sh"

img-synth -q --count 40 --size 32 >images || skip_all "no images"
# 40 images that take SECONDS to come.
cat >slow <<'EOF'
head -c 20000 images; sleep "$1"; tail -c +20001 images
EOF
chmod +x slow

# ---- elsewhere ----

plain() { bash slow "$1" | rec-cat "${@:2}" >/dev/null; }
lines() { grep -c ' records, [0-9.e+]*/s' "$err"; }
ok "half a second" plain 0.5
is "$(lines)" 0 "... is not worth a line"
ok "half a second, when asked" plain 0.5 --progress
is "$(lines)" 2 "... is worth one, and the last"
like "$(head -n 1 "$err")" "^rec-cat: 6/40 records, [0-9.e+]*/s, 0:00 elapsed, 0:0[0-9] left$" "... which says how long it was and will be"
every() { AUGSELF_PROGRESS=0.5 plain "$@"; }
ok "a line each half second" every 2.3 --no-progress
is "$(lines)" 0 "... not when it is not wanted"
ok "a line each half second" every 2.3 -q
is "$(cat "$err")" "" "... nor when nothing is"
ok "a line each half second" every 2.3
[ "$(lines)" -ge 4 ] && [ "$(lines)" -le 6 ]; result $? "... though nothing moves" || diag "$(cat "$err")"
must_fail 2 "an interval that is none" env AUGSELF_PROGRESS=often rec-cat images
like "$(cat "$err")" "^rec-cat: AUGSELF_PROGRESS: 'often'" "... is named"
inner() { bash slow 2.3 | AUGSELF_PROGRESS=0.5 rec-cat | cat >/dev/null; }
ok "in the middle of a pipe" inner
is "$(lines)" 0 "... the last program speaks for all"
named() { AUGSELF_NAME=$'m\e[31moco' plain 0 --progress; }
ok "a run with a name" named
like "$(head -n 1 "$err")" '^rec-cat: \[m\?\[31moco\] ([0-9]+/40 records|sealed)' "... says it, without its control characters"
is "$(grep -vc '^rec-cat: \[' "$err")" 0 "... in every line"

# ---- a terminal ----

# terminal COMMAND: in $out what a terminal got, in $seen what stands there in the end.
terminal()
{
	run script -qec "$1" /dev/null
	seen=$(sed -e 's/\r$//' -e $'s/.*\r\033\\[K//' "$out")
}
export TERM=xterm
run script -qec true /dev/null
if [ $status != 0 ]; then
	skip "at a terminal" "script(1) has no terminal to give here"
	done_testing
fi
# What was drawn and drawn over: all between two clearings that no line's end is in.
draws() { tr '\n' '\001' <"$out" | sed $'s/\r\033\\[K/\\\n/g' | grep -v $'\001' | grep '^rec-cat: '; }

# The machine may be busy: what is counted is held against the time that really passed.
began=$(date +%s%N)
terminal 'bash slow 1.5 | rec-cat --progress >/dev/null'
took=$((($(date +%s%N) - began) / 1000000))
is "$status" 0 "a line at the bottom"
n=$(draws | wc -l)
[ "$n" -ge 4 ]; result $? "... is drawn though nothing moves ($n times)"
[ "$n" -le $((took * 6 / 1000 + 2)) ]; result $? "... six times a second at most ($n times in $took ms)"
moving() { for ((i = 0; i < 200; i++)); do echo images; done | xargs rec-cat -q >many; }
moving
began=$(date +%s%N)
terminal 'rec-cat --progress many >/dev/null'
took=$((($(date +%s%N) - began) / 1000000))
n=$(draws | wc -l)
[ "$n" -le $((took * 6 / 1000 + 2)) ]; result $? "... though there is a record each moment ($n times in $took ms)"
is "$(grep -c ' records' <<<"$seen")" 2 "... and is gone in the end: what is left is the seal and the sum" || diag "$seen"

# Another program says something meanwhile, and a program that dies.
terminal '(sleep 0.7; img-synth --count 3 >/dev/null; rec-cat nothing >/dev/null) & bash slow 1.5 | rec-cat --progress >/dev/null; wait'
like "$seen" '^img-synth: sealed [0-9a-f]{16} 3 records, 0 skipped$' "what another says stands above it, whole"
like "$seen" '^rec-cat: nothing: No such file or directory$' "... and how a third one dies"
after=$(tr '\n' ' ' <"$out" | sed 's/.*No such file//')
like "$after" $'\r\033\\[Krec-cat: 6/40 records' "... and the line is back under it"
is "$(grep -vcE '^rec-cat: (nothing: No|sealed|[0-9.]+: 40 records)|^img-synth: sealed' <<<"$seen")" 0 "... nothing else" ||
	diag "$seen"

# Two runs side by side.
terminal "for i in one two; do bash slow 7 | AUGSELF_NAME=\$i rec-cat --progress >/dev/null & done; wait"
turns=$(draws | sed -n 's/.*\[\(one\|two\)\].*/\1/p' | uniq | wc -l)
{ [ "$turns" -ge 2 ] && [ "$turns" -le 6 ]; }; result $? "two runs take turns at the line ($turns turns)"

# Terminals that are less.
terminal 'stty cols 24; bash slow 0.7 | rec-cat --progress >/dev/null'
is "$(draws | awk 'length > 23' | wc -l)" 0 "a narrow terminal: lines are cut"
[ "$(draws | wc -l)" -gt 0 ]; result $? "... not left out"
TERM=dumb terminal 'bash slow 0.7 | rec-cat --progress >/dev/null'
is "$(grep -c $'\033' "$out")" 0 "a dumb terminal gets no escapes"
like "$seen" '^rec-cat: 6/40 records' "... but a plain line"
NO_COLOR=1 terminal 'bash slow 0.7 | rec-cat --progress >/dev/null'
is "$(sed $'s/\033\\[K//g' "$out" | grep -c $'\033')" 0 "no colours, least of all with NO_COLOR"
terminal 'bash slow 2.5 | rec-cat -q >/dev/null'
is "$(cat "$out")" "" "and nothing with -q"
done_testing
