# Kept by build-aux/update-lists.
dist_man_MANS += \
	man/bearerd-hooks.7 \
	man/bearerd.8 \
	man/bearerd.ini.5
