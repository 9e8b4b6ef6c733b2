# Kept by build-aux/update-lists.
upto_service = $(upto_session)
