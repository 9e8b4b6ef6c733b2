# Kept by build-aux/update-lists.
upto_proxy = $(upto_admin)
