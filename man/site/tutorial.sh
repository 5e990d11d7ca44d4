# shellcheck shell=bash
# tutorial.sh PAGE DIR: follows the tutorial of the page in the folder, so that its pictures and its report are there.
set -eu -o pipefail
page=$(realpath "$1")
top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
# shellcheck source=/dev/null
. "$top/tests/tutorial.sh"
cd "$2"
ln -s "$top/pipelines" pipelines
steps=$(tutorial_steps "$page" steps)
unset MAKEFLAGS MAKEOVERRIDES MFLAGS MAKELEVEL DATA MODEL IMAGES READER
for ((n = 1; n <= steps; n++)); do
	bash -eu -o pipefail "steps/$n.sh" </dev/null
done
