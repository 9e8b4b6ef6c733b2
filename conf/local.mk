# Kept by build-aux/update-lists.
dist_doc_DATA += \
	conf/bearerd.ini.example \
	conf/signed-calls.lua.example
dist_provider_DATA += \
	conf/providers/README \
	conf/providers/amazon-selling-partner.ini \
	conf/providers/atlassian.ini \
	conf/providers/auth0.ini \
	conf/providers/discord.ini \
	conf/providers/douban.ini \
	conf/providers/dropbox.ini \
	conf/providers/ebay.ini \
	conf/providers/facebook.ini \
	conf/providers/fitbit.ini \
	conf/providers/github.ini \
	conf/providers/gitlab.ini \
	conf/providers/google.ini \
	conf/providers/instagram.ini \
	conf/providers/keycloak.ini \
	conf/providers/linkedin.ini \
	conf/providers/mailchimp.ini \
	conf/providers/microsoft.ini \
	conf/providers/notion.ini \
	conf/providers/okta.ini \
	conf/providers/paypal.ini \
	conf/providers/plentymarkets.ini \
	conf/providers/reddit.ini \
	conf/providers/salesforce.ini \
	conf/providers/shopify.ini \
	conf/providers/slack.ini \
	conf/providers/spotify.ini \
	conf/providers/stackexchange.ini \
	conf/providers/strava.ini \
	conf/providers/stripe.ini \
	conf/providers/tiktok.ini \
	conf/providers/twitch.ini \
	conf/providers/vk.ini \
	conf/providers/wechat.ini \
	conf/providers/weibo.ini \
	conf/providers/zoho.ini
EXTRA_DIST += \
	conf/demo.ini
