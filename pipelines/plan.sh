#!/bin/bash
# plan.sh: what a pipeline will take on this machine, before it starts: hours, memory, disk. Measured on a few
# steps of each kind of model, with images that img-synth draws, so that what a slow disk adds is not in it. A model
# of the pipeline is a line of standard input, fields with | between:
#
#     TITLE | RUNS | IMAGES | OPTIONS OF SSL-TRAIN | OPTIONS OF AUG-SAMPLE | FEATURES | PASSING
#
# IMAGES is what one run is trained on, all epochs together, FEATURES of how many images features are
# extracted for it and kept, PASSING of how many they are extracted and not kept. What the probes then compute
# is not in it. Prints a table, and on the last line the sums.
set -eu -o pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
batch=32 steps=4 count=256

seconds() { # seconds COMMAND...: of the wall clock
	local began=$EPOCHREALTIME
	"$@"
	awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}
views() { img-synth -q -n $((batch * steps)) --size 96 --epochs "$1" | eval "aug-sample -q $drawn" | aug-apply -q; }
option() { # option NAME: the value that the model's options give it, as ssl-train understands them
	eval "ssl-train $line --dump-config" | sed -n "s/^$1 *= *//p"
}
extract() { feat-extract -q --model "$work/model" <"$work/images" >"$work/features"; }

printf '%-34s %5s %10s %9s %8s %10s %9s\n' model runs images/s hours GiB features/s 'GiB disk'
: >"$work/sums"
img-synth -q -n $count --size 128 >"$work/images"
while IFS='|' read -r title runs images line drawn features passing; do
	real=$(option batch)
	[ "$real" -gt "$batch" ] || batch=$real
	views 1 >"$work/views"
	eval "ssl-train -q $line --epochs 1 --batch $batch --steps $((steps - 1)) --log-every 1 --log $work/log \
		-o $work/model" <"$work/views"
	# An untrained one takes no time.
	[[ $line != *"--steps 0"* ]] || images=0
	rate=$(awk -v batch="$batch" -f "${0%/*}/rate.awk" "$work/log.time.tsv")
	memory=$(eval "ssl-train $line --epochs 1 --plan -o $work/none" <"$work/views" |
		sed -n 's/^# .* \([0-9.]*\) MiB.*/\1/p' | awk '{ sum += $1 } END { print sum / 1024 }')
	took=$(seconds extract)
	disk=$(stat -c %s "$work/model" "$work/features" | awk -v runs="$runs" -v f="$features" -v n=$count \
		'NR == 1 { model = $1 } END { print runs * (4 * model + $1 / n * f) / 2^30 }')
	awk -v title="$title" -v runs="$runs" -v images="$images" -v rate="$rate" -v memory="$memory" -v took="$took" \
		-v n=$count -v f="$((features + passing))" -v disk="$disk" 'BEGIN {
		hours = runs * (images / rate + f * took / n) / 3600
		printf "%-34s %5d %10.1f %9.2f %8.2f %10.1f %9.2f\n", title, runs, rate, hours, memory, n / took, disk
	}' | tee -a "$work/sums"
done
awk -v free="$(df -Pk . | awk 'NR == 2 { print $4 / 2^20 }')" -v ram="$(awk '/MemTotal/ { print $2 / 2^20 }' /proc/meminfo)" '
	{ hours += $(NF - 3); disk += $NF; if ($(NF - 2) > memory) memory = $(NF - 2) }
	END { printf "in all %.2f hours, %.1f GiB of memory (of %.1f), %.2f GiB on disk (%.1f free)\n",
		hours, memory, ram, disk, free }' "$work/sums"
