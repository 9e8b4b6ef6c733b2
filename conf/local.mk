# Kept by build-aux/update-lists.
dist_doc_DATA += \
	conf/bearerd.ini.example \
	conf/signed-calls.lua.example
dist_provider_DATA += \
	conf/providers/README
EXTRA_DIST += \
	conf/demo.ini
