# Kept by build-aux/update-lists.
EXTRA_DIST += \
	.ci/run \
	.clang-format \
	.clang-tidy \
	LICENSE \
	README.md \
	bootstrap \
	build-aux/check-layers \
	build-aux/check-style \
	build-aux/check-tidy \
	build-aux/checks.mk \
	build-aux/count-tests \
	build-aux/failed-tests \
	build-aux/layers \
	build-aux/measure \
	build-aux/style.awk \
	build-aux/thread.supp \
	build-aux/unit-driver \
	build-aux/update-lists \
	build-aux/update-manual
