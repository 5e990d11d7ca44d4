# A manual page, section 3, of each public header, from its comments and declarations:
#
#     awk -v dir=DIR -v date='November 30, 2026' -f man/headers.awk lib/FLOOR/NAME.h ...
#
# writes DIR/augself-FLOOR-NAME.3, and DIR/names: each function, type, variable and constant, what it is, its page, and
# why its comment says too little ("" where it says enough). With -v index_only=1 it prints, as mdoc, a list of the pages.
#
# A header is a list of entries: declarations, and paragraphs that stand alone. A comment belongs to the
# declarations behind it up to an empty line or the next comment, and one at the end of a line to that line's.

function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
function squeeze(s) { gsub(/[ \t\n]+/, " ", s); return trim(s) }

BEGIN {
	n = npages = groups = group = level = used = inside = waiting = skipping = listing = level_now = 0
	before = tail = code = comment = comment_at = held = ""
}

# ---- reading ----

function start_page(path,   part, k) {
	k = split(path, part, "/")
	page = "augself-" part[k - 1] "-" substr(part[k], 1, length(part[k]) - 2)
	page_of_path[part[k - 1] "/" part[k]] = page
	pages[++npages] = page
	path_of[page] = part[k - 1] "/" part[k]
	comment = code = before = tail = includes[page] = ""
	inside = level = skipping = used = 0
	frame[0] = ""
	group = ++groups
}

# An entry of this kind: "decl", "open" (of a struct or an enum, whose members follow, level + 1, up to "close"),
# "close", "value" (of an enum), "macro", "para".
function entry(kind, text) {
	# Past the first, a declaration with a comment of its own at its end leaves the group.
	if (used && kind != "para" && (tail != "" || inside)) {
		before = ""
		used = 0
		group = ++groups
	}
	n++
	kind_of[n] = kind
	text_of[n] = squeeze(text)
	page_of[n] = page
	group_of[n] = group
	level_of[n] = level
	before_of[n] = before
	tail_of[n] = tail
	tail = ""
	used = 1
	return n
}

# Into a struct or an enum, and out again: what was said before it goes on behind it.
function enter(kind) {
	outer_before[level] = before
	outer_used[level] = used
	outer_group[level] = group
	level++
	frame[level] = kind
	before = ""
	used = 0
	group = ++groups
}
function leave() {
	level--
	before = outer_before[level]
	used = outer_used[level]
	group = outer_group[level]
}

# What a comment before a declaration was, when no declaration came.
function stand_alone() {
	if (before != "" && !used)
		entry("para", "")
	before = ""
	used = 0
	group = ++groups
}

function comment_ends(text) {
	if (comment_at == "tail") {
		if (code == "" && n)
			tail_of[n] = text
		else
			tail = text
		return
	}
	stand_alone()
	if (!(page in headed)) {
		headed[page] = 1
		head_of[page] = text
		match(text, /since [0-9.]*[0-9]/)
		since_of[page] = substr(text, RSTART + 6, RLENGTH - 6)
	} else {
		before = text
	}
}

# Takes the comments out of a line and returns its code.
function without_comments(line,   at, rest, out) {
	out = ""
	while ((at = index(line, "/*")) > 0) {
		out = at > 1 ? out substr(line, 1, at - 1) : out
		rest = substr(line, at + 2)
		comment_at = trim(out) == "" && code == "" ? "own" : "tail"
		at = index(rest, "*/")
		if (!at) {
			inside = 1
			comment = rest
			waiting = 1
			return out
		}
		held = at > 1 ? substr(rest, 1, at - 1) : ""
		line = substr(rest, at + 2)
		if (comment_at == "own")
			comment_ends(held)
		else
			tail = held
	}
	return out line
}

function count_of(s, letter,   k, i) {
	k = 0
	for (i = 1; i <= length(s); i++)
		k += substr(s, i, 1) == letter
	return k
}

# The names between the braces of an enum, each an entry.
function values(text,   part, k, i, kept) {
	k = split(text, part, ",")
	kept = tail
	tail = ""
	for (i = 1; i <= k; i++)
		if (trim(part[i]) != "")
			entry("value", part[i])
	if (kept != "")
		tail_of[n] = kept
}

# A whole declaration, up to its semicolon.
function declared(text,   at, kept) {
	if (text ~ /^enum[^;]*[{].*[}] *;$/) {
		at = index(text, "{")
		kept = tail
		tail = ""
		entry("open", substr(text, 1, at - 1))
		tail_of[n] = kept
		enter("enum")
		sub(/[}] *;$/, "", text)
		values(substr(text, at + 1))
		leave()
		entry("close", "")
	} else {
		entry("decl", text)
	}
}

function take_code(line,   text) {
	if (skipping) { # the body of an inline function
		skipping += count_of(line, "{") - count_of(line, "}")
		if (line == "{")
			return
		if (!count_of(line, "}") || skipping > 1)
			return
		skipping = 0
		return
	}
	if (line == "AS_BEGIN" || line == "AS_END")
		return
	if (line ~ /^[}]/ && code == "") {
		stand_alone()
		leave()
		sub(/^[}]/, "", line)
		sub(/;$/, "", line)
		entry("close", line)
		# What follows a struct is of another kind than what the comment is of.
		if (!level)
			before = ""
		return
	}
	if (frame[level] == "enum") {
		values(line)
		return
	}
	if (line == "{" && code ~ /^static inline/) {
		entry("decl", code ";")
		code = ""
		skipping = 1
		return
	}
	code = code == "" ? line : code " " line
	if (code ~ /^(struct|union|enum)[^({]*[{]$/) {
		text = substr(code, 1, length(code) - 1)
		code = ""
		entry("open", text)
		enter(text ~ /^enum/ ? "enum" : "struct")
		return
	}
	if (code ~ /;$/ && count_of(code, "{") == count_of(code, "}")) {
		text = code
		code = ""
		declared(text)
	}
}

# A line within a comment.
function more_comment(line, ends) {
	sub(/^[ \t]*[*] ?/, "", line)
	if (ends)
		sub(/[ \t]*[*]\/.*$/, "", line)
	comment = comment "\n" line
	if (!ends)
		return
	inside = 0
	if (comment_at == "own" || !waiting)
		comment_ends(comment)
	else
		tail_of[n] = comment
}

# "#define NAME value", but what is for the compiler alone.
function take_macro(line, name) {
	if (name ~ /_H$/ || (name in macro_seen) || path_of[page] == "base/attr.h" && name !~ /NODISCARD|PRINTF|NORETURN|BEGIN|END/)
		return
	macro_seen[name] = 1
	line = without_comments(line)
	sub(/^#define /, "", line)
	entry("macro", line)
}

function take_line(line) {
	line = trim(without_comments(line))
	if (line != "")
		take_code(line)
	# A comment that goes on in the next lines belongs to what this line declared.
	waiting = inside && comment_at == "tail"
}

FNR == 1 {
	if (NR > 1)
		stand_alone()
	start_page(FILENAME)
}
inside {
	more_comment($0, index($0, "*/"))
	next
}
/^#include "/ {
	split($0, quoted, "\"")
	includes[page] = includes[page] " " quoted[2]
	next
}
/^#define AS_[A-Z0-9_]+(\(| |$)/ { take_macro($0, $2) }
/^#/ { next }
/^[ \t]*$/ {
	if (code == "")
		stand_alone()
	next
}
{ take_line($0) }

# ---- names ----

# The name of a declaration: "function as_x", "type struct as_x", "variable as_x", "constant AS_X", or "".
function named(i,   s, k) {
	s = text_of[i]
	k = kind_of[i]
	if (k == "macro") {
		sub(/[ (].*/, "", s)
		return "constant " s
	}
	if (k == "value") {
		sub(/ *=.*/, "", s)
		return "constant " s
	}
	if (k == "open")
		return s ~ /as_/ ? "type " s : ""
	if (k != "decl" || level_of[i])
		return ""
	if (s ~ /^(struct|union|enum) as_[a-z0-9_]+;$/)
		return "type " substr(s, 1, length(s) - 1)
	if (match(s, /as_[a-z0-9_]+\(/) && substr(s, 1, RSTART - 1) !~ /\(/)
		return "function " substr(s, RSTART, RLENGTH - 1)
	if (s ~ /^extern/) {
		sub(/(\[[^]]*\])*;$/, "", s)
		sub(/.*[ *]/, "", s)
		return "variable " s
	}
	return ""
}

function collect_names(   i, s, short, forward) {
	for (i = 1; i <= n; i++) {
		s = named(i)
		if (s == "")
			continue
		forward = kind_of[i] == "decl" && s ~ /^type/
		# A struct that is only announced has its page where it is whole, or where it is announced first.
		if (s in home && (forward || !(s in only_forward)))
			continue
		name_of[i] = s
		if (s in home)
			name_of[home_entry[s]] = ""
		delete only_forward[s]
		if (forward)
			only_forward[s] = 1
		home[s] = page_of[i]
		home_entry[s] = i
		short = s
		sub(/^.* /, "", short)
		what[short] = what[short] " " substr(s, 1, index(s, " ") - 1)
		if (!(short in where))
			where[short] = page_of[i]
	}
}

# ---- what a comment must say ----

# All that is said of an entry.
function said_of(i) { return before_of[i] "\n" tail_of[i] }

# What is missing from an entry's comment, or "".
function lacks(i,   s, t, ends) {
	s = said_of(i)
	t = text_of[i]
	ends = name_of[i] ~ /_(clear|free|close|drop|abandon)$/
	if (name_of[i] ~ /^(type|variable)/)
		return s == "\n" && !(name_of[i] in only_forward) ? "no comment says what it is" : ""
	if (name_of[i] !~ /^function/)
		return ""
	if (s == "\n" && !ends)
		return "no comment"
	s = s "\n" head_of[page_of[i]]
	if (t ~ /struct as_error *\*/ && s !~ /AS_E[A-Z]+|[Ee]rror/)
		return "it can fail, and no comment says how"
	if (t ~ /^(char|void|float|double|uint8_t|struct [a-z0-9_]+) *\*as_/ && \
			s !~ /malloc|[Ff]ree|[Bb]orrow|[Bb]elong|owned|NULL|in the same memory|static/)
		return "it gives a pointer, and no comment says whose the memory is"
	return ""
}

# ---- writing ----

function put(line) { print line > file }

# Text that could be taken for a request or an escape.
function escaped(s) {
	gsub(/\\/, "\\e", s)
	if (s ~ /^[.']/)
		s = "\\&" s
	return s
}

# A word of a comment as a macro's line, or "" where it is only a word.
function marked(word,   open, close_, core, name, arg, m) {
	open = close_ = arg = ""
	core = word
	if (core ~ /^\(/) {
		open = "("
		core = substr(core, 2)
	}
	while (core ~ /[.,:;]$/ || core ~ /\)$/ && !(core ~ /\(/)) {
		close_ = " " substr(core, length(core)) close_
		core = substr(core, 1, length(core) - 1)
	}
	if (core ~ /\)\)$/) {
		close_ = " )" close_
		core = substr(core, 1, length(core) - 1)
	}
	name = core
	if (name ~ /\(/) {
		arg = substr(name, index(name, "(") + 1)
		sub(/\)$/, "", arg)
		sub(/\(.*/, "", name)
	}
	m = ""
	if (core in page_of_path)
		m = page_of_path[core] == page ? "" : "Xr " page_of_path[core] " 3"
	else if (core ~ /^[a-z][a-z0-9-]+\([1-8]\)$/)
		m = "Xr " name " " arg
	else if (name in what && what[name] ~ /function/ && arg !~ /[^a-zA-Z0-9_]/)
		m = where[name] == page ? "Fn " name (arg == "" ? "" : " " arg) : arg == "" ? "Xr " name " 3" : "Li " core
	else if (core in what && what[core] ~ /type|variable/)
		m = where[core] == page ? "Vt " core : "Xr " core " 3"
	else if (core in what)
		m = "Dv " core
	if (m == "")
		return ""
	return "." (open == "" ? "" : "No \\&( Ns ") m close_
}

# A comment as paragraphs, with indented lines as they are.
function prose(text,   line, k, i, j, w, word, m, out, literal, s, pending, indent) {
	k = split(text, line, "\n")
	out = ""
	literal = pending = 0
	for (i = 1; i <= k; i++) {
		s = line[i]
		if (s ~ /^(  |\t)/ && trim(s) != "") {
			if (!literal) {
				indent = match(s, /[^ \t]/) - 1
				if (out != "") put(escaped(out))
				out = ""
				put(".Bd -literal -offset indent")
			} else if (pending) {
				put("")
			}
			literal = 1
			pending = 0
			put(escaped(substr(s, 1, indent) ~ /[^ \t]/ ? s : substr(s, indent + 1)))
			continue
		}
		if (trim(s) == "") {
			pending = 1
			continue
		}
		if (literal)
			put(".Ed")
		literal = 0
		if (pending) {
			if (out != "") put(escaped(out))
			out = ""
			if (i > 1 && !first_line) put(".Pp")
		}
		pending = 0
		w = split(trim(s), word, /[ \t]+/)
		for (j = 1; j <= w; j++) {
			m = marked(word[j])
			if (m != "") {
				if (out != "") put(escaped(out))
				out = ""
				put(m)
			} else {
				out = out == "" ? word[j] : out " " word[j]
				if (length(out) > 90 || word[j] ~ /[.:]$/) {
					put(escaped(out))
					out = ""
				}
			}
			first_line = 0
		}
	}
	if (literal)
		put(".Ed")
	if (out != "")
		put(escaped(out))
}

function plain(text) {
	sub(/^[ \t\n]+/, "", text)
	return text
}

# What a header says of itself.
function head_text() {
	sub(/^[ \t\n]*Public since [0-9.]+[0-9]\.[ \n]/, "", head_of[page])
	return head_of[page]
}

# Its first sentence, in a line: without what a bracket, a semicolon or a colon adds where it is long.
function summary(   s, cut, k, word) {
	s = plain(head_text())
	if (match(s, /\.([ \n]|$)/))
		s = substr(s, 1, RSTART - 1)
	s = squeeze(s)
	k = split(" (|; |: ", cut, "|")
	for (k = 1; k <= 3 && length(s) > (k < 3 ? 80 : 100); k++)
		if (index(s, cut[k]) > 0)
			s = substr(s, 1, index(s, cut[k]) - 1)
	word = s
	sub(/ .*/, "", word)
	return substr(word, 2) ~ /[A-Z0-9]/ ? s : tolower(substr(s, 1, 1)) substr(s, 2)
}

# A function's or variable's declaration without what only compilers read.
function bare(s) {
	gsub(/AS_NODISCARD |AS_NORETURN |static inline | AS_PRINTF\([0-9]+, [0-9]+\)/, "", s)
	sub(/;$/, "", s)
	return s
}

function prototype(i,   s, name, at, args, depth, j, letter, arg) {
	s = bare(text_of[i])
	name = name_of[i]
	sub(/^function /, "", name)
	at = index(s, name "(")
	put(".Ft " quoted_word(trim(substr(s, 1, at - 1))))
	put(".Fo " name)
	args = substr(s, at + length(name) + 1)
	sub(/\)$/, "", args)
	depth = 0
	arg = ""
	for (j = 1; j <= length(args) + 1; j++) {
		letter = j > length(args) ? "," : substr(args, j, 1)
		depth += (letter == "(") - (letter == ")")
		if (letter == "," && (!depth || j > length(args))) {
			put(".Fa " quoted_word(trim(arg)))
			arg = ""
		} else {
			arg = arg letter
		}
	}
	put(".Fc")
}

function quoted_word(s) {
	gsub(/\\/, "\\e", s)
	gsub(/"/, "\\(dq", s)
	return "\"" s "\""
}

# The members of a struct or the values of an enum, from entry i on up to its end, which is returned.
function members(i, depth,   j, open, shown) {
	open = 0
	for (j = i; !(kind_of[j] == "close" && level_of[j] == depth - 1); j++) {
		if (kind_of[j] == "para") {
			if (open) put(".El")
			open = 0
			section_or_prose(before_of[j])
			continue
		}
		if (!open) {
			put(".Bl -tag -width Ds -compact -offset 2n")
			open = 1
		}
		shown = text_of[j]
		sub(/[;,]$/, "", shown)
		if (kind_of[j] == "open")
			shown = shown " " text_of[end_of(j)]
		put(".It " (kind_of[j] == "value" ? "Dv " : "Va ") quoted_word(shown))
		# What stands before a group is said under its first member, for it may be of that alone.
		first_line = 1
		if (plain(tail_of[j]) != "")
			prose(plain(tail_of[j]))
		if (first_of_group(j) && plain(before_of[j]) != "") {
			if (plain(tail_of[j]) != "") put(".Pp")
			prose(plain(before_of[j]))
		}
		if (kind_of[j] == "open")
			j = members(j + 1, level_of[j] + 1)
	}
	if (open)
		put(".El")
	return j
}

function end_of(i,   j) {
	for (j = i + 1; !(kind_of[j] == "close" && level_of[j] == level_of[i]); j++)
		;
	return j
}

# Whether no further entry of this level has the same comment before it.
function first_of_group(i,   j) {
	for (j = i - 1; j >= 1 && level_of[j] > level_of[i]; j--)
		;
	return !(j >= 1 && kind_of[j] ~ /^(decl|open|close|value|macro)$/ && level_of[j] == level_of[i] && group_of[j] == group_of[i])
}
function last_of_group(i,   j) {
	j = kind_of[i] == "open" ? end_of(i) + 1 : i + 1
	return !(j <= n && kind_of[j] ~ /^(decl|open|value|macro)$/ && level_of[j] == level_of[i] && group_of[j] == group_of[i])
}

# "--- where policies come from ---" begins a subsection; anything else is prose.
function section_or_prose(text) {
	text = plain(text)
	if (text ~ /^---/) {
		gsub(/^-+[ \n]*|[ \n]*-+[ \n]*$/, "", text)
		put(level_now ? ".Pp" : ".Ss " toupper(substr(text, 1, 1)) squeeze(substr(text, 2)))
		if (level_now) prose(toupper(substr(text, 1, 1)) squeeze(substr(text, 2)) (text ~ /[.]$/ ? "" : ":"))
	} else {
		put(".Pp")
		first_line = 1
		prose(text)
	}
}

function close_list() {
	if (listing) put(".El")
	listing = 0
}

function item_head(i,   s) {
	s = name_of[i]
	if (s ~ /^function/)
		return "Fn " substr(s, 10)
	if (s ~ /^variable/)
		return "Va " quoted_word(bare(substr(text_of[i], index(text_of[i], " ") + 1)))
	if (s ~ /^type/)
		return "Vt " quoted_word(substr(s, 6))
	return "Dv " quoted_word(text_of[i])
}

# The values of an enum without a name, each an item; up to its end, which is returned.
function constants(i,   j, last) {
	last = end_of(i)
	for (j = i + 1; j < last; j++) {
		put(".It Dv " quoted_word(text_of[j]))
		first_line = 1
		if (plain(tail_of[j]) != "") prose(plain(tail_of[j]))
		if (plain(before_of[j]) != "" && first_of_group(j)) prose(plain(before_of[j]))
		if (j > i + 1)
			continue
		# What is said of all of them.
		if (plain(before_of[i]) != "") prose(plain(before_of[i]))
		if (plain(before_of[i]) != "" && plain(tail_of[i]) != "") put(".Pp")
		if (plain(tail_of[i]) != "") prose(plain(tail_of[i]))
	}
	return last
}

function description(from, to,   i, head) {
	put(".Sh DESCRIPTION")
	first_line = 1
	prose(plain(head_text()))
	listing = level_now = 0
	head = ""
	for (i = from; i <= to; i++) {
		if (kind_of[i] == "close" || level_of[i])
			continue
		if (kind_of[i] == "para") {
			close_list()
			section_or_prose(before_of[i])
			continue
		}
		if (kind_of[i] == "decl" && name_of[i] == "")
			continue # announced here, at home elsewhere
		if (!listing) put(".Bl -tag -width Ds")
		listing = 1
		if (name_of[i] == "") {
			i = constants(i)
			continue
		}
		# Functions of one comment share a head; what stands at the end of a line is that line's own.
		if (name_of[i] ~ /^function/ && !last_of_group(i) && plain(tail_of[i]) == "" && !(i + 1 <= to && tail_of[i + 1] != "")) {
			head = head (head == "" ? "" : " , ") item_head(i)
			continue
		}
		put(".It " (head == "" ? "" : head " , ") item_head(i))
		head = ""
		first_line = 1
		if (plain(tail_of[i]) != "") prose(plain(tail_of[i]))
		if (plain(before_of[i]) != "" && (kind_of[i] != "macro" || last_of_group(i))) prose(plain(before_of[i]))
		if (kind_of[i] == "open") {
			level_now = 1
			put(".Pp")
			i = members(i + 1, level_of[i] + 1)
			level_now = 0
		}
	}
	close_list()
}

function errors_of(from, to,   i, s, can, code_, any) {
	s = head_of[page]
	can = 0
	for (i = from; i <= to; i++) {
		s = s "\n" before_of[i] "\n" tail_of[i]
		can += name_of[i] ~ /^function/ && text_of[i] ~ /struct as_error *\*/
	}
	if (!can || page == "augself-base-error")
		return
	put(".Sh ERRORS")
	put("A function that takes a")
	put(".Vt struct as_error *")
	put("returns a negative code, or NULL, when it fails, and fills the struct with a sentence for the user; see")
	put(".Xr augself-base-error 3 .")
	any = 0
	for (i = 1; i <= n; i++) {
		if (page_of[i] != "augself-base-error" || kind_of[i] != "value")
			continue
		code_ = text_of[i]
		sub(/ .*/, "", code_)
		if (code_ == "AS_OK" || s !~ (code_ "([^A-Z]|$)"))
			continue
		if (!any) put(".Bl -tag -width AS_ESHORT")
		any = 1
		put(".It Dv " code_)
		prose(plain(tail_of[i]))
	}
	if (any) put(".El")
}

# augself(3), and what the header includes, in the order of the names.
function see_also(   part, k, i, j, swap, names) {
	put(".Sh SEE ALSO")
	k = split(trim(includes[page]), part, " ")
	names = 0
	for (i = 1; i <= k; i++)
		if (part[i] in page_of_path && part[i] != "base/attr.h")
			part[++names] = page_of_path[part[i]]
	for (i = 2; i <= names; i++)
		for (j = i; j > 1 && part[j] < part[j - 1]; j--) {
			swap = part[j]
			part[j] = part[j - 1]
			part[j - 1] = swap
		}
	put(".Xr augself 3" (names ? " ," : ""))
	for (i = 1; i <= names; i++)
		put(".Xr " part[i] " 3" (i < names ? " ," : ""))
}

function write_page(from, to,   i, s, seen) {
	file = dir "/" page ".3"
	put(".\\\" Made from lib/" path_of[page] " by man/headers.awk.")
	put(".Dd " date)
	put(".Dt " toupper(page) " 3")
	put(".Os augself")
	put(".Sh NAME")
	s = ".Nm " page
	for (i = from; i <= to; i++)
		if (name_of[i] ~ /^function/) {
			put(s " ,")
			s = ".Nm " substr(name_of[i], 10)
		}
	put(s)
	put(".Nd " summary())
	put(".Sh SYNOPSIS")
	put(".In augself/" path_of[page])
	seen = 0
	for (i = from; i <= to; i++)
		if (name_of[i] ~ /^function/) {
			prototype(i)
			seen = 1
		}
	description(from, to)
	put(".Sh FILES")
	put(".Pa lib/" path_of[page])
	put("in the sources;")
	put(".In augself/augself.h")
	put("includes it.")
	errors_of(from, to)
	see_also()
	put(".Sh HISTORY")
	put("Public since version " since_of[page] ".")
	close(file)
}

# The list of the pages, floor by floor, for augself(3).
function write_index(   i, part, floor) {
	floor = ""
	print ".Pp"
	print ".Bl -tag -width Ds -compact"
	for (i = 1; i <= npages; i++) {
		split(path_of[pages[i]], part, "/")
		if (part[1] != floor && floor != "")
			print ".Pp"
		floor = part[1]
		print ".It Xr " pages[i] " 3"
		page = pages[i]
		print escaped(summary())
	}
	print ".El"
}

# Page by page, and the file of the names.
function write_all(   i, j, short) {
	for (i = 1; i <= n; i = j) {
		for (j = i; j <= n && page_of[j] == page_of[i]; j++)
			;
		page = page_of[i]
		write_page(i, j - 1)
	}
	for (i = 1; i <= n; i++)
		if (name_of[i] != "") {
			short = name_of[i]
			sub(/^.* /, "", short)
			print short "\t" substr(name_of[i], 1, index(name_of[i], " ") - 1) "\t" page_of[i] "\t" lacks(i) > (dir "/names")
		}
}

END {
	stand_alone()
	collect_names()
	if (index_only)
		write_index()
	else
		write_all()
}
