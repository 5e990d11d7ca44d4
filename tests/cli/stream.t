#!/usr/bin/env bash
# augself-stream(5): its six lines of Python read our streams, and its filter in C
# is built, run and held to what programs promise.
. "${0%/*}/../lib.sh"
for p in img-synth rec-view rec-cat; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done
page=$top/man/augself-stream.5

img-synth -q --count 7 --size 16 >s
block "$page" stream.py >reader.py
is "$(wc -l <reader.py)" 6 "the reader in Python has six lines"
python=
for p in python3 /usr/bin/python3; do
	[ -z "$python" ] && "$p" -c 'import msgpack' 2>"$scratch/log" && python=$p
done
read_it() { "$python" reader.py <"$1"; }
if [ -n "$python" ]; then
	ok "it reads a stream" read_it s
	is "$(head -n 1 "$out"; tail -n 1 "$out")" "kind image
count 7" "from the header to the trailer"
	is "$(sed -n '2,8p' "$out")" "$(rec-view s | sed -n 's/^{"seq":\([0-9]*\),"id":\([0-9]*\),.*"label":\([0-9]*\).*/\1 \2 \3/p')" \
		"and says what rec-view says"
	head -c 3000 s >short
	is "$(read_it short | grep -c '^count')" 0 "of a truncated one it does not reach the trailer"
	ok "it reads a stream of 0.1.0" read_it "$top/tests/golden/stream-0.1.0.rec"
else
	skip "the reader in Python" "python3-msgpack is not there"
fi
block "$page" whole.py >check.py
python=
for p in python3 /usr/bin/python3; do
	[ -z "$python" ] && "$p" -c 'import xxhash' 2>"$scratch/log" && python=$p
done
whole() { "$python" check.py <"$1"; }
if [ -n "$python" ]; then
	ok "a stream ends with the hash of all before it, says Python" whole s
	{ head -c 700 s; printf X; tail -c +702 s; } >changed
	run whole changed
	is "$status" 1 "and of a changed one it does not"
else
	skip "the hash in Python" "python3-xxhash is not there"
fi

block "$page" every-second.c >filter.c
mkdir include && ln -s "$top/lib" include/augself # as an installed tree has it
flags=()
read -ra links < <(sed -n 's/^LIB_LINKS := //p' "$BUILD/libraries.mk") # as they are called here
case $BUILD in
*/asan) flags=("-fsanitize=address,undefined") ;;
*/tsan) flags=(-fsanitize=thread) ;;
*/cov) flags=(--coverage) ;;
esac
build()
{
	"${CC:-gcc}" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror "${flags[@]}" -I include -I"$top/lib" -o every-second \
		filter.c "$BUILD/libaugself.a" -Wl,--as-needed -pthread "${links[@]}" -ldl -lm
}
filter() { ./every-second <"$1"; }
ok "the filter in C is built without a warning" build
ok "it passes a stream" filter s
cp "$out" even
is "$(rec-view even | grep '^{"seq"')" "$(rec-view s | grep '^{"seq":[0-9]*[02468],')" "every second record, with unknown keys"
like "$(rec-view even | head -n 1)" '"chain":\["img-synth [^"]*","every-second 1"\]' "and itself in the chain"
ok "it reads version 1" filter "$top/tests/golden/stream-0.1.0.rec"
cp "$out" even
like "$(rec-view even | tail -n 1)" '"count":1,"skipped":1,' "and keeps count of what was left out before"
head -c 3000 s >short
must_fail 1 "of a truncated stream" filter short
cp "$out" even
must_fail 1 "it makes a truncated one" rec-view even
full() { ./every-second <s >/dev/full; }
must_fail 1 "a full disk" full
leave() { img-synth -q --count 2000 --size 32 | ./every-second | head -c 1 >"$scratch/log"; }
ok "a reader that has left is no error" leave
done_testing
