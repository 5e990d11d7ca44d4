#!/usr/bin/env bash
# ssl-train --trace: a timeline that is JSON, whose spans nest, that names every layer there and back, and that changes
# nothing else.
. "${0%/*}/../lib.sh"

img-synth -q --count 48 --size 16 --epochs 8 | aug-sample -q --size 16 | aug-apply -q >views
small="--width .0625 --batch 16 --head-hidden 16 --augself crop=1,color=1 --set hidden=32,bottleneck=16 --log-every 1"
# shellcheck disable=SC2086 # options are several words
train() { ssl-train -q $small --log "$1.log" -o "$1.model" "${@:2}"; }

# The timeline as lines of "pid tid ts dur cat name tasks".
spans()
{
	sed -nE 's/.*"ph":"X","pid":([0-9]+),"tid":([0-9]+),"ts":([0-9.]+),"dur":([0-9.]+),/\1\t\2\t\3\t\4\t/; T
		s/"cat":"([a-z]+)","name":"([^"]*)"/\1\t\2/; s/,"args":\{"tasks":([0-9]+)\}/\t\1/; s/\},?$//; p' "$1"
}
# whole FILE: an array, every line an object; by jq, where it is.
whole()
{
	[ "$(head -n 1 "$1")" = "[" ] && [ "$(tail -n 1 "$1")" = "]" ] || return 1
	! sed '1d;$d' "$1" | sed '$!s/,$//' | grep -vE '^\{("[a-z_]+":("[^"]*"|-?[0-9.]+|\{"[a-z_]+":("[^"]*"|[0-9]+)\}),?)+\}$' || return 1
	! command -v jq >/dev/null || jq -e 'all(.[]; .ph == "M" or (.ts >= 0 and .dur >= 0))' "$1" >/dev/null
}
# Spans of a lane lie beside or within each other. Times have three digits behind the point, so that half of the last is allowed.
nested()
{
	spans "$1" | sort -t "$(printf '\t')" -k1,1n -k2,2n -k3,3n -k4,4nr | awk -F '\t' '
	$1 " " $2 != lane { lane = $1 " " $2; depth = 0 }
	{
		while (depth && $3 >= end[depth] - .0015) depth--
		if (depth && $3 + $4 > end[depth] + .0025) { print "spans cross:", $0; bad = 1 }
		end[++depth] = $3 + $4
	}
	END { exit bad }'
}
kinds() { spans "$1" | awk -F '\t' -v kind="$2" '$5 == kind { print $6 }'; }
# The layers that a model has parameters of.
layers() { head -c 20000 "$1" | tr -c '[:print:]' '\n' | grep -oE '"[a-z0-9_.]+\.weight":' | sed 's/\.weight"://; s/"//' | sort -u; }

ok "trains without" train plain -j2 <views
for jobs in 1 2 3; do
	ok "-j$jobs with --trace" train traced -j$jobs --trace t.json <views
	ok "... ends with the same model" cmp plain.model traced.model
	ok "... and the same log" cmp plain.log traced.log
	ok "... the timeline is JSON" whole t.json
	ok "... whose spans nest" nested t.json
	is "$(kinds t.json step | sort | uniq -c | awk '{ print $1, $2 }' | xargs)" \
		"24 after 24 optimizer 24 prepare 24 step 24 sum" "... each part of each step once"
	is "$(spans t.json | awk -F '\t' '$5 == "tasks" && $2 > most { most = $2 } END { print most + 1 }')" $jobs "... of $jobs threads"
done
layers plain.model >names
like "$(wc -l <names)" '^[3-9][0-9]$' "the model's layers"
for kind in forward backward; do
	is "$(kinds t.json $kind | sort -u | comm -13 - names)" "" "every one of them is there, $kind"
done
again=$((24 * 2 * ($(grep -c '^layer.*bn[12]' names) - 1))) # the last one's output is only averaged
is "$(kinds t.json again | grep -c '^layer.*bn')" $again "activations that are computed again too"
like "$(spans t.json | awk -F '\t' '$6 == "read a batch" { print $2 }' | sort -u | xargs)" '^3$' "the reader has a lane of its own"
like "$(kinds t.json stream | grep -c 'wait for a batch')" '^2[45]$' "waiting for it is seen"
is "$(kinds t.json loss | sort -u)" "simsiam" "the loss has the method's name"
# A round's tasks are the same, however many threads share them.
tasks() { spans "$1" | awk -F '\t' '$5 == "tasks" { n[$6] += $7 } END { for (k in n) print k, n[k] }' | sort; }
ok "one thread's" train one -j1 --trace one.json <views
is "$(tasks t.json | grep -v '^tasks ')" "$(tasks one.json | grep -v '^tasks ')" "tasks are all there, whoever did them"

# States; the first steps alone; the file is there while the training goes on.
ok "with a state" train state --state s --every 6 --trace s.json <views
is "$(kinds s.json file | xargs)" "state state state state" "states are written in it"
img-synth -q --count 480 --size 8 --epochs 2 | aug-sample -q --size 8 | aug-apply -q >many
part=$(($(stat -c %s many) * 9 / 10 / 4096))
long() # 120 steps, of which the last wait until the timeline is there
{
	{ dd bs=4096 count="$part" status=none
	for _ in $(seq 600); do [ -e long.json ] && break; sleep .1; done
	[ -e long.json ] && : >early; cat; } <many |
		ssl-train -q --width .0625 --batch 8 --augself none --set hidden=16,bottleneck=8 -o long.model --trace long.json
}
ok "a longer run" long
ok "... has its timeline before its end" test -e early
ok "... which is whole" whole long.json
is "$(kinds long.json step | grep -c '^step$')" 100 "... of the first 100 steps"

# The end by a signal, by an error.
stopped()
{
	{ head -c 100000 views; sleep 20; } | sh -c 'echo $$ >pid; exec ssl-train "$@"' sh -q --width .0625 --batch 16 --augself none \
		-o x.model --state x.state --every 1 --trace x.json &
	for _ in $(seq 600); do [ -e x.state ] && break; sleep .05; done
	kill -TERM "$(cat pid)"
	wait $!
}
run stopped
is "$status" 143 "a signal ends it"
ok "... and its timeline is whole" whole x.json
must_fail 1 "a stream that is cut" train cut --trace cut.json < <(head -c 200000 views)
ok "... has a timeline" whole cut.json
must_fail 1 "a folder that is not there" train no --trace none/t.json <views
must_fail 2 "the file of another option" train no --trace no.model <views

# Ranks: a file of each.
ranks()
{
	# shellcheck disable=SC2016,SC2086 # these are the ranks' own
	SMALL=$small mpirun $quiet -n 2 bash -c '
		rank=${OMPI_COMM_WORLD_RANK-$PMI_RANK}
		img-synth -q --count 48 --size 16 --epochs 8 --shard "$((rank + 1))/2" --batch 16 | aug-sample -q --size 16 | aug-apply -q |
			ssl-train-mpi -q -j1 $SMALL --grains 2 -o ranks.model --trace ranks.json'
}
if mpi_there; then
	ok "two grains" train two --grains 2 <views
	ok "two ranks" ranks
	ok "... end with the model of one" cmp two.model ranks.model
	for rank in 0 1; do
		file=ranks.json
		[ $rank = 0 ] || file=ranks.json.$rank
		ok "rank $rank has a timeline" whole $file
		ok "... whose spans nest" nested $file
		is "$(spans $file | cut -f 1 | sort -u)" $rank "... of its own number"
		like "$(kinds $file ranks | sort -u | xargs)" '^collect exchange gather' "... with its messages"
	done
else
	skip "ranks" "no MPI on this machine"
fi
done_testing
