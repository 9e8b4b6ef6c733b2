# Kept by build-aux/update-lists.
upto_session = $(upto_upstream)
