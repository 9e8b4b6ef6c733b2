# SPDX-License-Identifier: MIT
# What .ci/run looks at beside the tests, each by itself for who wants one.
CHECK_CPPFLAGS = -std=gnu11 $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS)
FIND_C = find '$(srcdir)/src' -name '*.c' -print0
C_JOBS = 2

.PHONY: check-layers check-style check-headers check-tidy check-cppcheck \
	check-analyzer check-man
check-layers:
	@'$(srcdir)/build-aux/check-layers'
check-style:
	@'$(srcdir)/build-aux/check-style'
	@'$(srcdir)/build-aux/update-lists' --check
check-headers:
	@find '$(srcdir)/src' -name '*.h' -print0 | xargs -0 -r -I {} \
		-P $(C_JOBS) $(CC) $(CHECK_CPPFLAGS) $(WARN_CFLAGS) \
		-Werror -Wno-pedantic -fsyntax-only \
		-include {} -x c /dev/null
check-tidy:
	@$(FIND_C) | xargs -0 -r -n 1 -P $(C_JOBS) \
		'$(srcdir)/build-aux/check-tidy' $(CHECK_CPPFLAGS) --
# cppcheck 2.10 does not know _Generic, and died of it once.
check-cppcheck:
	@cppcheck --quiet --std=c11 --inline-suppr -j $(C_JOBS) \
		--enable=warning,performance,portability \
		--suppress=missingInclude \
		--suppress=legacyUninitvar --error-exitcode=1 \
		-D_GNU_SOURCE -DPACKAGE_VERSION='"0"' \
		-DBEARERD_SYSCONFDIR='""' -DBEARERD_PROVIDERDIR='""' \
		-D'_Generic(value,...)=log_kv_int' -I '$(srcdir)/src' \
		'$(srcdir)/src'
check-analyzer:
	@$(FIND_C) | xargs -0 -r -n 1 -P $(C_JOBS) gcc $(CHECK_CPPFLAGS) \
		-O1 -Werror -fanalyzer -c -o /dev/null
check-man:
	@test -z '$(dist_man_MANS)' || cd '$(srcdir)' && \
		for page in $(dist_man_MANS); do \
			mandoc -Tlint -Wwarning "$$page" || exit 1; \
		done

# How src/ is built, in figures: make measure MEASURE_FLAGS=--list names all
# that was counted. The unit tests' time is that of the last make check.
MEASURE_FLAGS =
.PHONY: measure
measure:
	@$(PYTHON) '$(srcdir)/build-aux/measure' $(MEASURE_FLAGS) --units . \
		measure gcc $(CHECK_CPPFLAGS)
