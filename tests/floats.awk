# Loops over floats: prints file:line: name for each value of a float or double array that is read or written inside
# a loop. Names are those that the file, or a header among the arguments, declares as arrays of or pointers to float
# or double: NAME[..] and *NAME are values of them; of an array of pointers, NAME[..][..] and *NAME[..].
# Comments and strings do not count. Private to tests/cli/floats.t.
#     awk -f tests/floats.awk lib/*/*.h lib/ssl/x.c

BEGIN { split("", member) }
FNR == 1 { if (file) whole(); file = FILENAME; text = "" }
{ text = text $0 "\n" }
END { whole() }

# Comments and what stands between quotes become blanks, line ends stay.
function bare(s,    out, c, two, i, n, mode)
{
	n = length(s)
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1); two = substr(s, i, 2)
		if (mode == "") {
			if (two == "/*") { mode = "*"; i++; out = out "  "; continue }
			if (two == "//") { mode = "/"; i++; out = out "  "; continue }
			if (c == "\"" || c == "'") { mode = c; out = out " "; continue }
			out = out c
			continue
		}
		if (mode == "*" && two == "*/") { mode = ""; i++; out = out "  "; continue }
		if ((mode == "\"" || mode == "'") && c == "\\") { i++; out = out "  "; continue }
		if (mode == "/" ? c == "\n" : mode != "*" && c == mode) mode = ""
		out = out (c == "\n" ? c : " ")
	}
	return out
}

# Names that `s` declares as floats' arrays and pointers: into[name] is how many subscripts a value of it takes.
function declared(s, into,    rest, part, list, n, i, k, name, stars, dims)
{
	rest = s
	while (match(rest, /(^|[^A-Za-z0-9_])(float|double)[ \t\n]+[^;(){}=]*/)) {
		part = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		sub(/^[^A-Za-z0-9_]*(float|double)/, "", part)
		n = split(part, list, ",")
		for (i = 1; i <= n; i++) {
			name = list[i]
			gsub(/const|restrict|volatile/, "", name)
			if (i > 1 && name ~ /^[ \t\n]*[A-Za-z_][A-Za-z0-9_]*[ \t\n]+[*A-Za-z_]/) { # the next parameter's type
				for (k = n; k >= i; k--) rest = "," list[k] rest
				break
			}
			stars = gsub(/\*/, "", name)
			dims = gsub(/\[[^\]]*\]/, "", name)
			gsub(/[ \t\n]/, "", name)
			if (name ~ /^[A-Za-z_][A-Za-z0-9_]*$/ && stars + dims > into[name] + 0) into[name] = stars + dims
		}
	}
}

# Declarations inside of structs are of members, and become blanks in what is given back.
function take_members(s,    at, from, to, out)
{
	out = ""
	while (match(s, /(struct|union)[ \t\n]*[A-Za-z0-9_]*[ \t\n]*\{/)) {
		from = RSTART + RLENGTH - 1
		to = statement_end(s, from)
		declared(substr(s, from, to - from + 1), member)
		at = substr(s, from, to - from + 1)
		gsub(/[^\n]/, " ", at)
		out = out substr(s, 1, from - 1) at
		s = substr(s, to + 1)
	}
	return out s
}

# Where the statement that begins at i ends.
function statement_end(s, i,    n, c, open)
{
	n = length(s)
	for (; i <= n; i++) {
		c = substr(s, i, 1)
		if (c == "(" || c == "{") open++
		if (c == ")" || c == "}") open--
		if (c == ";" && !open) return i
		if (c == "}" && !open && substr(s, i + 1) !~ /^[ \t\n]*else[^A-Za-z0-9_]/) return i
	}
	return n
}

# Where the bracket that opens at i closes.
function closing(s, i,    n, c, open)
{
	n = length(s)
	for (; i <= n; i++) {
		c = substr(s, i, 1)
		if (c ~ /[(\[]/) open++
		if (c ~ /[)\]]/ && !--open) return i
	}
	return n
}

# Marks in loop[] each character of s that runs more than once.
function find_loops(s,    at, from, to, i, head)
{
	split("", loop)
	for (at = 1; match(substr(s, at), /(^|[^A-Za-z0-9_])(for|while|do)[ \t\n]*[({]/); at = from + 1) {
		from = at + RSTART + RLENGTH - 2
		head = substr(s, at + RSTART - 1, RLENGTH)
		to = head ~ /\{$/ ? statement_end(s, from) : statement_end(s, closing(s, from) + 1)
		for (i = from; i <= to; i++) loop[i] = 1
	}
}

# The functions of a file, one after the other: names are those of the function.
function whole(    s, n, from, to, line, part)
{
	s = take_members(bare(text))
	if (file ~ /\.h$/) return
	n = length(s)
	line = 1
	for (from = 1; from <= n; from = to + 1) {
		to = statement_end(s, from)
		look(substr(s, from, to - from + 1), line)
		part = substr(s, from, to - from + 1)
		line += gsub(/\n/, "", part)
	}
}

function look(s, line,    n, i, word, after, at, count, before, plain, need, told)
{
	declared(s, plain)
	find_loops(s)
	n = length(s)
	for (i = 1; i <= n; i++) {
		if (substr(s, i, 1) == "\n") { line++; continue }
		if (substr(s, i, 1) !~ /[A-Za-z_]/ || (i > 1 && substr(s, i - 1, 1) ~ /[A-Za-z0-9_]/)) continue
		match(substr(s, i), /^[A-Za-z0-9_]+/)
		word = substr(s, i, RLENGTH); after = i + RLENGTH
		need = i > 1 && substr(s, i - 1, 1) ~ /[.>]/ ? member[word] : plain[word]
		if (!need || !(i in loop)) { i = after - 1; continue }
		count = 0
		while (substr(s, after) ~ /^[ \t\n]*\[/) {
			at = after + index(substr(s, after), "[") - 1
			after = closing(s, at) + 1
			count++
		}
		before = substr(s, i > 40 ? i - 40 : 1, i > 40 ? 40 : i - 1)
		sub(/[A-Za-z0-9_>.-]*$/, "", before)
		if (before ~ /(^|[=(),;{!&|?:+*-]|return)[ \t\n]*\*$/) count++
		if (count >= need && !((line, word) in told)) {
			told[line, word] = 1
			print file ":" line ": " word
		}
		i += length(word) - 1
	}
}
