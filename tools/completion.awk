# A program's completion for one shell: shell=bash|zsh|fish, program=NAME; read is what --options prints, and,
# after an empty line, what --list does. `make` runs it.
#
# What an option takes is known by its argument's name: FILE, DIR and such are paths, on|off is itself,
# and the names of a table are those of its paragraph of --list, which `table` names.
BEGIN {
	FS = "\t"
	n = listing = 0
	layouts = ""
	table["preset"] = "presets"
	table["method"] = "methods"
	table["recipe"] = "recipes"
	table["arch"] = "backbones"
	table["optimizer"] = "optimizers"
	table["augself"] = "heads"
	table["with"] = "parts"
	table["input"] = "inputs"
	fixed["stem"] = "cifar imagenet"
	fixed["filter"] = "bilinear bicubic"
	fixed["layer"] = "backbone projector"
	fixed["part"] = "train val test"
	fixed["metric"] = "top1 per-class"
}
$0 == "" { listing = 1; next }
!listing { letter[++n] = $1; name[n] = $2; arg[n] = $3; help[n] = $4; next }
/^[a-z]+ \(|^[a-z]+$/ { sub(/ .*/, ""); at = $0; next }
/^  [a-z]/ { sub(/^  /, ""); sub(/:.*/, ""); list[at] = list[at] " " $0; next }
/^[a-z]/ { sub(/ .*/, ""); layouts = layouts " " $0 }

# The words that an option's value may be; "": any.
function words(i,  w) {
	w = name[i] in fixed ? fixed[name[i]] : name[i] == "layout" ? layouts : name[i] in table ? list[table[name[i]]] : ""
	if (w == "" && arg[i] ~ /\|/) { w = arg[i]; gsub(/\|/, " ", w) }
	sub(/^ /, "", w)
	return w
}
function is_path(i) { return arg[i] ~ /^(FILE|DIR|LIST|STATE|TEST,TRAIN)$/ }
function quoted(s) { gsub(/'/, "'\\''", s); return "'" s "'" }

function bash(  i, all, f, key) {
	f = program; gsub(/-/, "_", f)
	printf "# Completion of %s for bash.\n_%s()\n{\n\tlocal now=$2 before=$3\n\tCOMPREPLY=()\n", program, f
	print "\t[ \"$now\" = = ] && now=\n\t[ \"$before\" = = ] && before=${COMP_WORDS[COMP_CWORD-2]}"
	print "\tcase $before in"
	for (i = 1; i <= n; i++) {
		all = all " --" name[i]
		if (arg[i] == "-") continue
		key = "--" name[i] (letter[i] == "-" ? "" : "|-" letter[i])
		if (is_path(i)) printf "\t%s) COMPREPLY=($(compgen -f -- \"$now\")); return ;;\n", key
		else printf "\t%s) COMPREPLY=($(compgen -W %s -- \"$now\")); return ;;\n", key, quoted(words(i))
	}
	print "\tesac\n\tcase $now in"
	printf "\t-*) COMPREPLY=($(compgen -W %s -- \"$now\")) ;;\n", quoted(substr(all, 2))
	printf "\t*) COMPREPLY=($(compgen -f %s-- \"$now\")) ;;\n", "datasets" in list ? "-W " quoted(substr(list["datasets"], 2)) " " : ""
	printf "\tesac\n}\ncomplete -o filenames -F _%s %s\n", f, program
}
function zsh(  i, h, w) {
	printf "#compdef %s\n_arguments -s -S", program
	for (i = 1; i <= n; i++) {
		h = help[i]; gsub(/[\[\]:]/, "\\\\&", h)
		w = words(i)
		w = arg[i] == "-" ? "" : ":" arg[i] ":" (is_path(i) ? "_files" : w != "" ? "(" w ")" : " ")
		printf " \\\n\t%s", quoted("--" name[i] (arg[i] == "-" ? "" : "=") "[" h "]" w)
		if (letter[i] != "-") printf " \\\n\t%s", quoted("-" letter[i] (arg[i] == "-" ? "" : "+") "[" h "]" w)
	}
	if ("datasets" in list) printf " \\\n\t%s", quoted("1:dataset:(" substr(list["datasets"], 2) ")")
	print " \\\n\t'*:file:_files'"
}
function fish(  i, w) {
	if ("datasets" in list) printf "complete -c %s -a %s\n", program, quoted(substr(list["datasets"], 2))
	for (i = 1; i <= n; i++) {
		w = words(i)
		printf "complete -c %s -l %s%s%s -d %s\n", program, name[i], letter[i] == "-" ? "" : " -s " letter[i],
			arg[i] == "-" ? "" : is_path(i) ? " -r" : " -x" (w == "" ? "" : " -a " quoted(w)), quoted(help[i])
	}
}
END { if (shell == "bash") bash(); else if (shell == "zsh") zsh(); else fish() }
