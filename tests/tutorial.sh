# shellcheck shell=bash
# The tutorial of augself(7): tutorial_steps PAGE DIR writes its blocks, DIR/1.sh and so on, and prints how many there are;
# tutorial_pictures PAGE prints a line for each picture that it speaks of, its file and what it shows. To be run in one empty folder, in
# which `pipelines` leads to the pipelines.
tutorial_steps()
{
	awk -v dir="$2" '
	/^\.\\" tutorial [0-9]+$/ { step = $3 }
	/^\.Ed/ { if (inside) { close(file); step = "" } inside = 0 }
	inside { gsub(/\\e/, "\\"); print > file }
	/^\.Bd -literal/ && step != "" { inside = 1; n++; file = dir "/" step ".sh" }
	END { print n + 0 }' "$1"
}
tutorial_pictures() { sed -n 's/^\.\\" picture \([^ ]*\) \(.*\)/\1 \2/p' "$1"; }
