# Kept by build-aux/update-lists.
upto_admin = $(upto_service)
