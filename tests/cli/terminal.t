#!/usr/bin/env bash
# What leads to a terminal: texts of others that hold its control characters, and standard
# streams that do not wait, as other programs on the same terminal or pipe leave them.
. "${0%/*}/../lib.sh"

# ---- control characters, in ASCII and of the C1 range in UTF-8 and bare ----
clear=$'\x1b[2J' c1=$'\xc2\x9b2J' bare=$'\x9b2J'
nasty="a${clear}b${c1}c${bare}d"
# no control character but the line's end (and the tabs of tables) in file $1
harmless() { ! grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|(?<![\xc2-\xf4\x80-\xbf])[\x80-\x9f]' "$1"; }
printf '%s\n' "$nasty" >probe
harmless probe; is "$?" 1 "the test sees them"

mkdir -p "set/$nasty" set/good
printf 'P6 1 1 255\nabc' | tee "set/$nasty/1.ppm" >"set/good/$nasty.ppm"
img-read -q folder set >s 2>"$scratch/log"
is "$(rec-view s | wc -l)" 4 "a dataset whose names hold them is read"
run rec-view s
harmless "$out"; result $? "rec-view's lines hold none" || diag "$(cat "$out")"
like "$(cat "$out")" 'a\\u001b\[2Jb\\u009b2Jc' "but their numbers"
run rec-view --stats s
harmless "$out"; result $? "its figures hold none" || diag "$(cat "$out")"
like "$(cat "$out")" "^label	a\?\[2Jb\?2Jc\?2Jd	1	" "the class's name without them"
is "$(grep -c '^label' "$out")" 2 "in a line of its own"
bad() { for f in "$nasty" nowhere; do img-read files "set/good/$f.gif"; rec-view "$f"; linprobe --train "$f"; img-read folder "$f"; done; }
run bad
harmless "$err"; result $? "messages hold none" || diag "$(cat "$err")"
run img-read "$nasty" x
harmless "$err"; result $? "nor do those of misuse" || diag "$(cat "$err")"
like "$(cat "$err")" "^img-read: dataset: 'a\?\[2Jb\?2Jc\?2Jd' is none of " "but the rest of the word"

# ---- standard output that does not wait ----
cat >slow.pl <<'END'
# slow.pl FD COMMAND...: the command's FD is a pipe that does not wait, and is read late; READ
# times, or to the end.
use Fcntl;
my $fd = shift;
pipe(R, W);
fcntl(W, F_SETFL, fcntl(W, F_GETFL, 0) | O_NONBLOCK);
if (!fork) { close R; open $fd == 1 ? STDOUT : STDERR, ">&", \*W; exec @ARGV; }
close W;
select undef, undef, undef, .3;
my $times = $ENV{READ} || 1e9;
print while $times-- > 0 && sysread R, $_, 65536;
close R;
wait;
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
END
cat >full.pl <<'END'
use Fcntl;
open W, ">", "/dev/full";
fcntl(W, F_SETFL, fcntl(W, F_GETFL, 0) | O_NONBLOCK);
open STDOUT, ">&", \*W;
exec @ARGV;
END
img-synth -q --count 400 >many
slow() { perl slow.pl "$@"; }
# same NAME COMMAND...: with a standard output that does not wait, the same bytes and status 0.
same()
{
	"${@:2}" >want 2>"$scratch/log"
	run slow 1 "${@:2}"
	[ $status = 0 ] && cmp -s "$out" want; result $? "$1: $(wc -c <want) bytes through a pipe that does not wait" ||
		diag "exit $status, $(wc -c <"$out") bytes" "$(cat "$err")"
}
same "rec-view" rec-view --full many
same "a writer of streams" img-synth -q --count 400
same "a filter" rec-cat -q many
same "help" rec-view --help
same "a list" aug-sample --list
head -c 1000000 many >short
run slow 1 rec-view --full short
is "$status" 1 "an error is an error"
is "$(grep -c '^{"seq"' "$out")" "$(rec-view --full short 2>"$scratch/log" | grep -c '^{"seq"')" "behind all lines that came before it"
run perl full.pl rec-view many
is "$status" 1 "a full disk"
like "$(cat "$err")" 'rec-view: standard output: No space left' "is told"
run perl full.pl img-synth --count 3
is "$status" 1 "by a writer of streams too"
[ "$(grep -c sealed "$err")" = 0 ]; result $? "and nothing is sealed"
run slow 1 rec-view --full many -n 0
is "$(wc -l <"$out")" 1 "a short text"
left() { READ=1 slow 1 rec-view --full many; }
run left
is "$status $(wc -c <"$err")" "0 0" "a reader that leaves is no error"

# ---- standard error that does not wait ----
mkdir bad
for i in $(seq 1 3000); do echo "bad/$i.ppm 1"; done >list
run slow 2 sh -c 'img-read list list --max-bad 3000 >none'
is "$(grep -c '^img-read: .*: No such file or directory$' "$out")" 3000 "no message is lost"
done_testing
