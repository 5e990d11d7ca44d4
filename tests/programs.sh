# shellcheck shell=bash
# shellcheck disable=SC2154
# For tests of all programs: how to run each on a small input. Source it after lib.sh.

# name, input kind (- none), output (data, text, or - for a file at -o): then arguments.
# Kinds are files $scratch/KIND, six records each. A program without a line here fails
# the contract test.
table()
{
	cat <<-EOF2
	img-synth    -        data  --count 6 --size 32
	img-read     -        data  files $scratch/a.ppm $scratch/b.ppm
	aug-sample   image    data  --preset cifar
	aug-apply    sample   data
	rec-cat      image    data
	rec-view     image    text
	rec-export   feature  text  $scratch/array.npy
	rec-import   -        data  $scratch/in.npy
	ssl-train    view     -     --arch resnet18 --stem cifar --width 0.0625 --set hidden=32,bottleneck=8 --batch 2 -o $scratch/model
	feat-extract image    data  --pixels --size 8
	model-export -        -     --model $top/tests/golden/resnet18-imagenet.safetensors --onnx $scratch/model
	linprobe     feature  text  --train - --val $scratch/val --test $scratch/test
	knnprobe     feature  text  --train - --test $scratch/test
	augprobe     pair     text  --train - --test $scratch/pair-test --epochs 1 --hidden 4
	fewshot      feature  text  --label colour --way 2 --shot 1 --query 1 --episodes 5
	score-report -        -     -o $scratch/model $scratch/plan
	EOF2
}
column_of() { table | awk -v p="$1" -v c="$2" '$1 == p { print $c }'; }
need() { [ -x "$BUILD/bin/$1" ]; }

# boundaries FILE: the offset of each frame (a length as a msgpack integer, then as
# many bytes), header first; then the end.
boundaries()
{
	od -An -v -tu1 -w1 "$1" | awk '
	{ byte[NR - 1] = $1 }
	END {
		at = 0
		while (at < NR) {
			print at
			n = byte[at]; wide = 0
			if (n >= 204 && n <= 207) {
				wide = 2 ^ (n - 204)
				n = 0
				for (i = 1; i <= wide; i++) n = n * 256 + byte[at + i]
			}
			at += 1 + wide + n
		}
		print at
	}'
}

make_inputs()
{
	local i
	if ! need img-synth || ! need rec-cat; then
		skip_all "the programs of the pipe are not there"
	fi
	img-synth -q --count 6 --size 32 >"$scratch/image"
	for i in a b; do
		{ printf 'P6\n8 8\n255\n'; head -c 192 /dev/zero | tr '\0' "$i"; } >"$scratch/$i.ppm"
	done
	need aug-sample && aug-sample -q --preset cifar <"$scratch/image" >"$scratch/sample"
	need aug-apply && aug-apply -q <"$scratch/sample" >"$scratch/view"
	need feat-extract && feat-extract -q --pixels --size 4 <"$scratch/image" >"$scratch/feature"
	pairs() { aug-sample -q --size 4 | aug-apply -q | feat-extract -q --pixels --size 4; }
	need feat-extract && pairs <"$scratch/image" >"$scratch/pair" &&
		img-synth -q --count 6 --size 32 -s 5 | pairs >"$scratch/pair-test"
	# Other images, of no class that those six lack.
	img-synth -q --count 6 --size 32 --split test -s 5 | feat-extract -q --pixels --size 4 >"$scratch/val"
	img-synth -q --count 6 --size 32 --split test -s 86 | feat-extract -q --pixels --size 4 >"$scratch/test"
	need rec-export && rec-export -q "$scratch/in.npy" <"$scratch/feature" >"$scratch/rows"
	need knnprobe && knnprobe -q --train "$scratch/feature" --test "$scratch/test" --label colour >"$scratch/score"
	printf '%b\n' 'table\tt\tT' 'row\tt\tr\tR' 'column\tt\tc\tC' "score\tt\tr\tc\t0\t$scratch/score\tknn:top1" \
		'bars\tt' "seal\timages\t$scratch/image" >"$scratch/plan"
}

# go PROGRAM ARGUMENT...: the program as in the table, from $input to $to.
input=/dev/null to=/dev/null
go() { arguments "$1"; "$1" "${args[@]}" "${@:2}" <"$input" >"$to"; }
go_closed() { arguments "$1"; "$1" "${args[@]}" <"$input" >&-; }
arguments() { read -ra args < <(table | awk -v p="$1" '$1 == p { $1 = $2 = $3 = ""; print }'); }

# input_of PROGRAM: sets $input to a good stream of its kind; fails when there is none.
input_of()
{
	local kind
	kind=$(column_of "$1" 2)
	input=/dev/null
	[ "$kind" = - ] || input=$scratch/$kind
	[ "$kind" = - ] || [ -s "$input" ]
}
