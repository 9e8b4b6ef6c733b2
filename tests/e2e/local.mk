# Kept by build-aux/update-lists.
EXTRA_DIST += \
	tests/e2e/certificates.py \
	tests/e2e/clients.py \
	tests/e2e/conftest.py \
	tests/e2e/debian.py \
	tests/e2e/harness.py \
	tests/e2e/load.py \
	tests/e2e/origin.py \
	tests/e2e/programs/Fetch.java \
	tests/e2e/programs/fetch.pl \
	tests/e2e/programs/fetch_curl.php \
	tests/e2e/programs/fetch_requests.py \
	tests/e2e/programs/fetch_stream.php \
	tests/e2e/programs/fetch_urllib.py \
	tests/e2e/pytest.ini \
	tests/e2e/rawclient.py \
	tests/e2e/rawserver.py \
	tests/e2e/test_clients.py \
	tests/e2e/test_config.py \
	tests/e2e/test_demo.py \
	tests/e2e/test_errors.py \
	tests/e2e/test_fields.py \
	tests/e2e/test_framing.py \
	tests/e2e/test_health.py \
	tests/e2e/test_life.py \
	tests/e2e/test_placement.py \
	tests/e2e/test_provider.py \
	tests/e2e/test_real_clients.py \
	tests/e2e/test_routing.py \
	tests/e2e/test_secrets.py \
	tests/e2e/test_store.py \
	tests/e2e/test_streaming.py \
	tests/e2e/test_tls.py \
	tests/e2e/test_token.py
