# Kept by build-aux/update-lists.
dist_doc_DATA += \
	conf/bearerd.ini.example
EXTRA_DIST += \
	conf/demo.ini
