# Kept by build-aux/update-lists.
EXTRA_DIST += \
	tests/bench/bench.py \
	tests/bench/counts.py \
	tests/bench/figures.py \
	tests/bench/loads.py \
	tests/bench/proxies.py \
	tests/bench/sections.py \
	tests/bench/upstreams.py
