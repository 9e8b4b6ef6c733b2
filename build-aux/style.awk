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

# Numbers that are no bounds (base/limits.h says what one is): sizes by how their
# names end, the others one by one.
BEGIN {
	sizes = "_(SIZE|BLOCK|BUFFER|READ|MEMORY|FIRST|BUCKETS|SLOTS|RANDOM" \
		"|OCTETS|COLUMNS|NOTES|RESERVE)$"
	not_bounds = "^(ADDRESS_NETWORK_MAX|TABLES_MAX|WIDTH_MAX|LINKS_MAX" \
		"|GROUPS_MAX|ACL_ENTRIES_MAX|DATE_MAX" \
		"|ALL_IDEMPOTENT|ANY|ANY_IN_SEGMENT|BASE64_MIN|BASE64_WORD" \
		"|BUCKETS|COLUMNS|CONNECTION_LENGTH|DEVICE_SLOWER|DPOP_JTI" \
		"|ENTRY|FRONT_EXPECTED|HTTP1_CHUNK_HEAD|LOGIN_NONCE|LONGEST" \
		"|MASK_MIN|MINUTE|HOUR|OURS|OVERFLOW_UID|PARTS|POOL_ORIGINS" \
		"|SAFE|SEAL_OVERHEAD|SOCKET_ADDRESS|SOCKET_ORIGINS" \
		"|STUB_EXPIRES_IN|SURROGATES|WAYS|WEBSOCKET_KEY" \
		"|LAST|HEAD_USER_VERSION|HEAD_APPLICATION_ID)$"
	number = "(^|[^A-Za-z0-9_\"])[A-Z][A-Z0-9_]+[ \t]*=[ \t]*[^,};/]*"
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

# A bound of the process stands in base/limits.h, with what happens at it.
# What is made of one, or of sizes, is none, nor is a flag (1 << n), nor a
# number below 3. What a text is built in has room by a bound, or for little.
FILENAME ~ /^src\// && FILENAME !~ /^src\/base\/limits/ {
	rest = $0
	sub(/^#[ \t]*define[ \t]+[A-Z0-9_]+[ \t]+/, "&=", rest)
	sub(/[ \t]+=/, "=", rest)
	while (match(rest, number)) {
		bound = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		name = bound
		sub(/[ \t]*=.*/, "", name)
		sub(/^[^A-Z]*/, "", name)
		sub(/^[^=]*=[ \t]*/, "", bound)
		gsub(/^(U?INT(32|64)_C)?[( \t]+/, "", bound)
		if (bound ~ /^[0-9]/ && bound !~ /[A-Za-z]/ &&
		    bound !~ /^[012][) \t]*$/ && bound !~ /^1 << ([0-9]|1[0-5])$/ &&
		    name !~ sizes && name !~ not_bounds)
			say(name ": a bound belongs into base/limits.h")
	}
	if ($0 ~ /BUF_INIT(_SECRET)?\(([0-9]+ *(\*|<<) *[0-9]|[0-9]{5})/)
		say("a bound belongs into base/limits.h")
}
