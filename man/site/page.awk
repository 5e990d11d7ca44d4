# A manual page as a page of the site: mandoc's fragment of HTML within a frame, and with links to what there is.
#
#     mandoc -T html -O fragment,man=%N.%S.html PAGE | awk -v page=NAME.SECTION -v list=FILE -v names=FILE -v source=PAGE \
#         -f page.awk
#
# source: where pictures are named; list: the pages of the site, NAME.SECTION each; names: what man/headers.awk found in the public headers.

# The pictures that the page's source names.
function read_pictures(   line, word, k, j) {
	pictures = 0
	while (source != "" && (getline line < source) > 0)
		if (line ~ /^[.]\\" picture /) {
			k = split(line, word, " ")
			file[++pictures] = "tutorial-" word[3]
			gsub(/\//, "-", file[pictures])
			shows[pictures] = word[4]
			for (j = 5; j <= k; j++)
				shows[pictures] = shows[pictures] " " word[j]
		}
}
function figure(line) {
	sub(/.*PICTURE/, "", line)
	sub(/<.*/, "", line)
	return "<figure><img src=\"" file[line] "\" alt=\"" shows[line] "\"><figcaption>" shows[line] "</figcaption></figure>"
}

function read_lists(   line, field) {
	while ((getline line < list) > 0)
		there[line] = 1
	while ((getline line < names) > 0) {
		split(line, field, "\t")
		if (field[2] == "type")
			type_at[field[1]] = field[3] ".3"
		else if (field[2] == "function")
			function_at[field[1]] = field[3] ".3"
	}
}

# Where a name stands: "#as_x" on this page, "augself-aug-aug.3.html#as_x" on another, or "".
function place(name, as_type,   at, id) {
	at = as_type ? (name in type_at ? type_at[name] : "") : (name in function_at ? function_at[name] : "")
	id = "#" (as_type ? "struct." : "") name
	return at == "" ? "" : (at == page ? "" : at ".html") id
}

# Links of Xr: to a page of the site, to a function's place, or none.
function references(line,   out, rest, target, text, at) {
	out = ""
	while (match(line, /<a class="Xr" href="[^"]*">[^<]*<\/a>/)) {
		rest = substr(line, RSTART + RLENGTH)
		text = target = substr(line, RSTART, RLENGTH)
		out = out substr(line, 1, RSTART - 1)
		sub(/^<a class="Xr" href="/, "", target)
		sub(/".*/, "", target)
		sub(/^[^>]*>/, "", text)
		sub(/<.*/, "", text)
		at = target
		sub(/\.html$/, "", at)
		if (!(at in there)) {
			sub(/\.[0-9]$/, "", at)
			target = place(at, 0)
			if (target == "")
				target = place(at, 1)
		}
		out = out (target == "" ? "<span class=\"Xr\">" text "</span>" : "<a class=\"Xr\" href=\"" target "\">" text "</a>")
		line = rest
	}
	return out line
}

# mandoc marks a function where a paragraph begins with it; here its place is its own entry in a list, wherever else it is said.
function unmarked(line,   found, name) {
	while (match(line, /<a class="permalink" href="#as_[^"]*"><code class="Fn"[^>]*>as_[a-z0-9_]+<\/code><\/a>/)) {
		name = found = substr(line, RSTART, RLENGTH)
		sub(/^.*">/, "", name)
		sub(/<.*/, "", name)
		line = substr(line, 1, RSTART - 1) "<code class=\"Fn\">" name "</code>" substr(line, RSTART + RLENGTH)
	}
	gsub(/ id="as_[^"]*"/, "", line)
	return line
}
function marked(line,   out, name) {
	out = ""
	while (match(line, /<code class="Fn">as_[a-z0-9_]+/)) {
		name = substr(line, RSTART + 17, RLENGTH - 17)
		out = out substr(line, 1, RSTART - 1) "<code class=\"Fn\" id=\"" name "\">" name
		line = substr(line, RSTART + RLENGTH)
	}
	return out line
}

# Functions in the text, and headers.
function calls(line,   out, found, name, at, class) {
	out = ""
	while (match(line, /<code class="(Fn|Li)">as_[a-z0-9_]+|<a class="In">augself\/[a-z]+\/[a-z]+\.h/)) {
		found = substr(line, RSTART, RLENGTH)
		out = out substr(line, 1, RSTART - 1)
		line = substr(line, RSTART + RLENGTH)
		name = found
		sub(/.*>/, "", name)
		if (found ~ /^<a/) {
			at = name
			gsub(/\//, "-", at)
			sub(/\.h$/, ".3", at)
			out = out (at in there ? "<a class=\"In\" href=\"" at ".html\">" name : found)
			continue
		}
		at = place(name, 0)
		class = substr(found, 14, 2)
		out = out (at == "" ? found : "<code class=\"" class "\"><a href=\"" at "\">" name "</a>")
	}
	return out line
}

# Types in the prototypes.
function types(line,   out, name) {
	out = ""
	while (match(line, /(^|[ >])as_[a-z0-9_]+/)) {
		name = substr(line, RSTART, RLENGTH)
		out = out substr(line, 1, RSTART - 1)
		line = substr(line, RSTART + RLENGTH)
		if (name !~ /^as_/) {
			out = out substr(name, 1, 1)
			name = substr(name, 2)
		}
		out = out (out ~ /("Fn">|href="[^"]*">)$/ || place(name, 1) == "" ? name : "<a href=\"" place(name, 1) "\">" name "</a>")
	}
	return out line
}

# A type's own entry gets a place that can be linked to.
function own_place(line,   name) {
	name = line
	sub(/.*<dt><var class="Vt">(struct|enum|union) /, "", name)
	sub(/<.*/, "", name)
	if (!(name in type_at) || type_at[name] != page)
		return line
	sub(/<dt><var class="Vt">/, "<dt id=\"struct." name "\"><var class=\"Vt\">", line)
	return line
}

# A section begins; the list of contents has all but the first.
function heading(line,   id, text) {
	synopsis = line ~ /id="SYNOPSIS"/
	id = line
	sub(/.* id="/, "", id)
	sub(/".*/, "", id)
	if (line !~ /^<h1/ || id == "NAME")
		return
	text = id
	gsub(/_/, " ", text)
	item[++contents] = "<a href=\"#" id "\">" text "</a>"
}

BEGIN {
	read_lists()
	read_pictures()
	n = contents = synopsis = skipping = heads = 0
	date = ""
}
/^<table class="(head|foot)">/ { skipping = 1 }
skipping && /class="foot-date"/ {
	date = $0
	gsub(/<[^>]*>|^ +/, "", date)
}
skipping {
	if (/^<\/table>/)
		skipping = 0
	next
}
/^ *<p class="Pp"><\/p>$/ { next }
/<code class="Li">PICTURE[0-9]+<\/code>/ {
	kept[++n] = figure($0)
	next
}
/<dd style="width: auto;">&#x00A0;<\/dd>/ { sub(/<dd style="width: auto;">/, "<dd class=\"none\">") }
/^<h[12] class="S[hs]" id="/ { heading($0) }
{ $0 = unmarked($0) }
/<dt><var class="Vt">(struct|enum|union) as_[a-z0-9_]+<\/var><\/dt>/ { $0 = own_place($0) }
/<dt/ { heads = 1 }
{
	$0 = heads ? marked($0) : calls(references($0))
	if (pictures) # the report of the tutorial
		sub(/<span class="Pa">own\/own\.html<\/span>/, "<a class=\"Pa\" href=\"own.html\">own/own.html</a>")
	kept[++n] = synopsis ? types($0) : $0
}
/<\/dt>/ { heads = 0 }

END {
	title = page
	sub(/\.[0-9]$/, "", title)
	title = title "(" substr(page, length(page)) ")"
	print "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
	print "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
	print "<title>" title " - augself</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body class=\"manual\">"
	print "<header><a href=\"index.html\">augself</a> <a href=\"augself.7.html\">Overview</a> <a href=\"index.html#pages\">Pages</a>"
	print "<a href=\"demo.html\">A report</a></header>\n<main>\n<h1 class=\"title\">" title "</h1>"
	if (contents > 3) {
		print "<nav class=\"contents\">"
		for (i = 1; i <= contents; i++)
			print item[i]
		print "</nav>"
	}
	for (i = 1; i <= n; i++)
		print kept[i]
	print "</main>\n<footer>augself, " date "</footer>\n</body>\n</html>"
}
