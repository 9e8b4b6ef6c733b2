# Kept by build-aux/update-lists.
EXTRA_DIST += \
	tests/provider/api.py \
	tests/provider/assertions.py \
	tests/provider/authentication.py \
	tests/provider/authorization.py \
	tests/provider/control.py \
	tests/provider/demo.py \
	tests/provider/device.py \
	tests/provider/dpop.py \
	tests/provider/exchange.py \
	tests/provider/httpd.py \
	tests/provider/metadata.py \
	tests/provider/openid.py \
	tests/provider/pages.py \
	tests/provider/people.py \
	tests/provider/proofs.py \
	tests/provider/provider.py \
	tests/provider/pushed.py \
	tests/provider/storage.py \
	tests/provider/tokens.py
