# SPDX-License-Identifier: MIT
# check-style's eyes. With other=1 the file is not C.

function say(what) {
	print FILENAME ":" FNR ": " what
}

# A tab reaches to the next multiple of 8; a byte that continues a UTF-8
# character takes no room.
function width(s,    i, c, n) {
	if (s !~ /\t/ && length(s) <= 80)
		return length(s)
	n = 0
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == "\t")
			n += 8 - n % 8
		else if (c !~ /[\200-\277]/)
			n++
	}
	return n
}

BEGIN {
	not_bounds = "^(ADDRESS_NETWORK|FAULT_TEXT|TABLES|WIDTH|LINKS|GROUPS" \
		     "|ACL_ENTRIES)_MAX$"
}

FNR == 1 {
	start = 0
	pragma = 0
	header = FILENAME ~ /\.h$/
	if (!other && $0 != "/* SPDX-License-Identifier: MIT */")
		say("the first line is not the SPDX line")
}
other && FNR <= 3 && /SPDX-License-Identifier: MIT/ { spdx[FILENAME] = 1 }
other && FNR == 4 && !spdx[FILENAME] { say("no SPDX line at the top") }

FILENAME ~ /^src\// && FNR == 2 && !/^\/\* / {
	say("the second line does not open the comment on the file's place")
}
header && /^#pragma once$/ { pragma = 1 }
header && !pragma && /^(#include|struct|enum|static|[a-z].*\()/ {
	say("no #pragma once above this")
	pragma = 1
}

FNR == 601 { say("over 600 lines") }
FILENAME ~ /\.py$/ && width($0) > 100 { say("over 100 columns") }
FILENAME !~ /\.py$/ && width($0) > 80 { say("over 80 columns") }
/[ \t]$/ { say("space at the end of the line") }
/\r/ { say("carriage return") }
/(TO|FIX)(DO|ME)/ { say("something left to do") }

!other && /^ +[^ *]/ && !fenced { say("indented by spaces") }
!other && /clang-format off/ { fenced = 1 }
!other && /clang-format on/ { fenced = 0 }
!other && /^[ \t]*typedef[ \t]+(struct|union|enum)/ {
	say("typedef of a struct, union or enum")
}
!other && /(^|[^a-z_])alloca[ \t]*\(/ { say("alloca") }
!other && /^\/\/|[^:"]\/\/[^"]*$/ && !/"/ && !/\*/ { say("// comment") }

# A function: the brace in the first column that is not a type's or table's.
!other && /^\{/ { start = FNR }
!other && /^\}/ {
	if (start && FNR - start > 80)
		say("function of " FNR - start " lines")
	start = 0
}

# One idiom each: !p asks whether there is nothing, < 0 whether it failed.
FILENAME ~ /^src\// && / == NULL\>/ { say("== NULL: write !p") }
FILENAME ~ /^src\// && /[(, ](&?f|&name)\) != 0\>/ {
	say("!= 0 of what gives -1: write < 0")
}

# A bound of the process stands in base/limits.h, with what happens at it. What
# is made of one, or of sizes, is none; nor are the kernel's, and those that
# nothing from outside can reach.
FILENAME ~ /^src\// && FILENAME !~ /^src\/base\/limits/ {
	rest = $0
	while (match(rest, /[A-Z0-9_]+_MAX[ \t]*=[^,}\/]*/)) {
		bound = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		name = bound
		sub(/[ \t]*=.*/, "", name)
		sub(/^[^=]*=/, "", bound)
		if (bound !~ /[A-Za-z]/ && name !~ not_bounds)
			say(name ": a bound belongs into base/limits.h")
	}
}
