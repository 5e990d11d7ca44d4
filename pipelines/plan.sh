#!/bin/bash
# plan.sh: what a pipeline will still take on this machine, before it starts: hours, memory, disk. Measured on a few
# steps of each kind of model, with images that img-synth draws, so that what a slow disk adds is not in it. A model
# of the pipeline is a line of standard input, fields with | between:
#
#     TITLE | RUNS | IMAGES | OPTIONS OF SSL-TRAIN | OPTIONS OF AUG-SAMPLE | FEATURES | PASSING | PROBES
#
# RUNS is how many trainings are left, IMAGES what these see, all epochs together, FEATURES of how many images
# features are extracted and kept, PASSING of how many they are extracted and not kept. PROBES is what is asked of the
# features, PROBE:WORK with blanks between, WORK in units of probe_times. Prints a table, and on the last lines the sums; with RANKS
# on MACHINES, more than one, also what training takes there: its part of the computing, and the gradients' way by two networks. (They
# travel while more is computed, so that it is the most.)
set -eu -o pipefail
shopt -s inherit_errexit
ranks=${RANKS:-1} machines=${MACHINES:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
batch=32 steps=4 count=256

seconds() { # seconds COMMAND...: of the wall clock
	local began=$EPOCHREALTIME
	"$@" >/dev/null
	awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}
views() { img-synth -q -n $((batch * steps)) --size 96 --epochs "$1" | eval "aug-sample -q $drawn" | aug-apply -q; }
option() { # option NAME: the value that the model's options give it, as ssl-train understands them
	eval "ssl-train $line --dump-config" | sed -n "s/^$1 *= *//p"
}
extract() { feat-extract -q --model "$work/model" <"$work/images" >"$work/features"; }

# --- probes ---
# Each runs on a small and on a larger set of drawn features that are as wide as the model's (pixels, which cost no
# network). What the larger takes more is the price of a unit; what the small takes, that of starting.
linear() { linprobe -q --label shape --train "$work/train$1" --val "$work/val$1" --test "$work/test$1"; }
knn() { knnprobe -q --label shape --train "$work/train$1" --test "$work/test$1"; }
shot() { fewshot -q --label shape --way 5 --shot 5 --episodes "$1" <"$work/test2"; }
sgd() { linprobe -q --sgd --lr .1 --label shape --epochs "$1" --train "$work/train2" --test "$work/test2"; }
aware() {
	rec-cat -q --limit "$1" "$work/pairs" |
		augprobe -q --train - --test <(rec-cat -q --skip $((batch * steps * 3 / 4)) "$work/pairs")
}
# probe PROBE: the sizes, and the work that these are.
probe() {
	case $1 in
	linear) echo 1 2 $((300 * 8)) $((2500 * 8)) ;; # images to learn from times classes
	knn) echo 1 2 $((200 * 200)) $((2000 * 1500)) ;; # pairs of images
	shot) echo 20 220 20 220 ;; # episodes
	sgd) echo 2 12 $((2 * 2000 * 8)) $((12 * 2000 * 8)) ;; # images to learn from times classes, all epochs together
	aware) echo $((batch * steps / 4)) $((batch * steps * 3 / 4)) \
		$((batch * steps / 4)) $((batch * steps * 3 / 4)) ;; # pairs of views
	esac
}
draw_features() { # draw_features WIDTH: train, val and test, 1 and 2
	local side part seed small large
	side=$(awk -v d="$1" 'BEGIN { print int(sqrt(d / 3) + .5) }')
	while read -r part seed small large; do
		img-synth -q -n "$small" --seed "$seed" | feat-extract -q --pixels --size "$side" >"$work/${part}1"
		img-synth -q -n "$large" --seed "$seed" | feat-extract -q --pixels --size "$side" >"$work/${part}2"
	done <<<"train 1 200 2000
val 2 100 500
test 3 200 1500"
}
declare -A price start
drawn_width=0
probe_times() { # probe_times WIDTH PROBES: leaves the seconds of all of them in $asked
	local p w small large units more b
	if [ "$drawn_width" != "$1" ]; then draw_features "$1"; fi
	drawn_width=$1
	: >"$work/asked"
	for p in $2; do
		w=${p#*:} p=${p%:*}
		if [ -z "${price[$1.$p]:-}" ]; then
			read -r small large units more <<<"$(probe "$p")"
			if [ "$p" = aware ]; then feat-extract -q --model "$work/model" <"$work/views" >"$work/pairs"; fi
			start[$1.$p]=$(seconds "$p" "$small")
			b=$(seconds "$p" "$large")
			price[$1.$p]=$(awk -v a="${start[$1.$p]}" -v b="$b" -v n=$((more - units)) 'BEGIN {
				print (b > a) ? (b - a) / n : 0 }')
		fi
		echo "${start[$1.$p]} ${price[$1.$p]} $w" >>"$work/asked"
	done
	asked=$(awk '{ sum += $1 + $2 * $3 } END { print sum + 0 }' "$work/asked")
}

printf '%-34s %5s %10s %9s %8s %8s %8s %8s %9s\n' model runs images/s features/s training features probes GiB 'GiB disk'
: >"$work/sums"
: >"$work/sent"
img-synth -q -n $count --size 128 >"$work/images"
while IFS='|' read -r title runs images line drawn features passing probes; do
	[ -n "$title" ] || continue
	real=$(option batch)
	[ "$real" -gt "$batch" ] || batch=$real
	views 1 >"$work/views"
	eval "ssl-train -q $line --epochs 1 --batch $batch --base-lr .01 --steps $((steps - 1)) --log-every 1 --log $work/log \
		-o $work/model" <"$work/views"
	# An untrained one takes no time.
	[[ $line != *"--steps 0"* ]] || images=0
	rate=$(awk -v batch="$batch" -f "${0%/*}/rate.awk" "$work/log.time.tsv")
	memory=$(eval "ssl-train $line --epochs 1 --plan -o $work/none" | sed -n 's/^# in all: \([0-9.]*\) MiB.*/\1/p')
	took=$(seconds extract)
	each=$(($(stat -c %s "$work/features") / count))
	model=$(stat -c %s "$work/model")
	probe_times $((each / 4)) "$probes"
	awk -v title="$title" -v runs="$runs" -v images="$images" -v rate="$rate" -v memory="$memory" -v took="$took" -v n=$count \
		-v kept="$features" -v passing="$passing" -v asked="$asked" -v each="$each" -v model="$model" 'BEGIN {
		train = images / rate / 3600; look = (kept + passing) * took / n / 3600
		disk = (runs * 4 * model + each * kept) / 2^30
		printf "%-34s %5d %10.1f %9.1f %8.2f %8.2f %8.2f %8.2f %9.2f\n", title, runs, rate, n / took, train, look, asked / 3600,
			memory / 1024, disk
	}' | tee -a "$work/sums"
	# Two of them come in and go out for each parameter, but for a rank's own part.
	awk -v steps=$((images / real)) -v model="$model" -v n="$ranks" 'BEGIN { print 2 * model * steps * (n - 1) / n }' >>"$work/sent"
done
sent=$(awk '{ sum += $1 } END { print sum + 0 }' "$work/sent")
awk -v sent="$sent" -v ranks="$ranks" -v machines="$machines" \
	-v free="$(df -Pk . | awk 'NR == 2 { print $4 / 2^20 }')" -v ram="$(awk '/MemTotal/ { print $2 / 2^20 }' /proc/meminfo)" '
	{
		train += $(NF - 4); look += $(NF - 3); asked += $(NF - 2); disk += $NF
		if ($(NF - 1) > memory)
			memory = $(NF - 1)
	}
	END {
		if (!NR) {
			print "nothing is left to do"
			exit
		}
		printf "hours still to come: %.2f of training, %.2f of features, about %.2f of probes\n", train, look, asked
		printf "in all %.2f hours, %.1f GiB of memory (of %.1f), %.2f GiB on disk (%.1f free)\n",
			train + look + asked, memory, ram, disk, free
		if (machines > 1)
			printf "training takes %.2f hours as RANKS=%d on %d machines like this one, by 10 Gbit/s; %.2f by 1 Gbit/s\n",
				train / machines + sent / 1.2e9 / 3600, ranks, machines, train / machines + sent / 1.2e8 / 3600
	}' "$work/sums"
