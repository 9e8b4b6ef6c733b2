# Kept by build-aux/update-lists.
EXTRA_DIST += \
	tests/provider/api.py \
	tests/provider/authorization.py \
	tests/provider/control.py \
	tests/provider/demo.py \
	tests/provider/httpd.py \
	tests/provider/provider.py \
	tests/provider/storage.py
