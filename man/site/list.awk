# The front page, with lists of the manual pages put where a line says <!-- pages SECTION ... -->. The pages, NAME.SECTION,
# are arguments, sources of mdoc, read before the front page, the last.
function escaped(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	gsub(/>/, "\\&gt;", s)
	gsub(/\\e/, "\\", s)
	gsub(/\\&/, "", s)
	return s
}
FNR == 1 {
	page = FILENAME
	sub(/.*\//, "", page)
	section = substr(page, length(page))
	manual = page ~ /\.[1-9]$/
	if (manual)
		pages[++n] = page
}
manual {
	if (/^\.Nd /)
		says[page] = escaped(substr($0, 5))
	next
}
/^<!-- pages [0-9 ]+ -->$/ {
	print "<dl class=\"pages\">"
	for (k = 3; k < NF; k++)
		for (i = 1; i <= n; i++)
			if (substr(pages[i], length(pages[i])) == $k) {
				name = substr(pages[i], 1, length(pages[i]) - 2)
				print "<dt><a href=\"" pages[i] ".html\">" name "(" $k ")</a></dt><dd>" says[pages[i]] "</dd>"
			}
	print "</dl>"
	next
}
{ print }
