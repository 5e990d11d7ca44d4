# Links of HTML pages that lead nowhere, a line each: a file that is not there, a place that its page does not have, an
# address beyond the site that no line "allowed ADDRESS" of the standard input lists. Run in the folder of the site:
#
#     printf 'allowed %s\n' ADDRESS ... | awk -f links.awk - *.html

# A file may be linked that is no page.
function there(name,   line, known) {
	known = (getline line < name) >= 0
	close(name)
	return known
}

FILENAME == "-" || FILENAME == "" {
	allowed[$2] = 1
	next
}
FNR == 1 {
	file = FILENAME
	sub(/^\.\//, "", file)
	page[file] = 1
}
{
	text = $0
	while (match(text, /(href|src)="[^"]*"/)) {
		link = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		sub(/^[^"]*"/, "", link)
		sub(/"$/, "", link)
		from[++n] = file
		to[n] = link
	}
	text = $0
	while (match(text, / id="[^"]*"/)) {
		id = substr(text, RSTART + 5, RLENGTH - 6)
		text = substr(text, RSTART + RLENGTH)
		if ((file "#" id) in place)
			twice[file ": two places are called " id] = 1
		place[file "#" id] = 1
	}
}
END {
	for (i = 1; i <= n; i++) {
		link = to[i]
		if (link ~ /^data:/)
			continue
		if (link ~ /^[a-z]+:/ || link ~ /^\//) {
			if (!(link in allowed))
				print from[i] ": " link ": leads beyond the site"
			continue
		}
		path = link
		sub(/#.*/, "", path)
		if (path == "")
			path = from[i]
		if (!(path in page) && !there(path))
			print from[i] ": " link ": no such file"
		else if (link ~ /#/ && path in page && !((path "#" substr(link, index(link, "#") + 1)) in place))
			print from[i] ": " link ": no such place"
	}
	for (t in twice)
		print t
}
