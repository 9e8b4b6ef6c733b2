# Kept by build-aux/update-lists.
dist_doc_DATA += \
	conf/bearerd.ini.example \
	conf/signed-calls.lua.example
dist_provider_DATA += \
	conf/providers/README \
	conf/providers/adobe.ini \
	conf/providers/airtable.ini \
	conf/providers/amazon-ads.ini \
	conf/providers/amazon-selling-partner.ini \
	conf/providers/app-store-connect.ini \
	conf/providers/asana.ini \
	conf/providers/atlassian.ini \
	conf/providers/auth0.ini \
	conf/providers/basecamp.ini \
	conf/providers/bitbucket.ini \
	conf/providers/box.ini \
	conf/providers/discord.ini \
	conf/providers/docusign.ini \
	conf/providers/douban.ini \
	conf/providers/dropbox.ini \
	conf/providers/ebay.ini \
	conf/providers/exact-online.ini \
	conf/providers/facebook.ini \
	conf/providers/feishu.ini \
	conf/providers/figma.ini \
	conf/providers/fitbit.ini \
	conf/providers/github.ini \
	conf/providers/gitlab.ini \
	conf/providers/google-self-signed.ini \
	conf/providers/google.ini \
	conf/providers/hubspot.ini \
	conf/providers/instagram.ini \
	conf/providers/keycloak.ini \
	conf/providers/lichess.ini \
	conf/providers/linkedin.ini \
	conf/providers/mailchimp.ini \
	conf/providers/microsoft-certificate.ini \
	conf/providers/microsoft.ini \
	conf/providers/myanimelist.ini \
	conf/providers/naver.ini \
	conf/providers/netatmo.ini \
	conf/providers/notion.ini \
	conf/providers/okta.ini \
	conf/providers/paypal.ini \
	conf/providers/pipedrive.ini \
	conf/providers/plentymarkets.ini \
	conf/providers/podio.ini \
	conf/providers/reddit.ini \
	conf/providers/salesforce.ini \
	conf/providers/servicenow.ini \
	conf/providers/shopify.ini \
	conf/providers/slack.ini \
	conf/providers/snowflake-oauth.ini \
	conf/providers/snowflake.ini \
	conf/providers/spotify.ini \
	conf/providers/square.ini \
	conf/providers/stackexchange.ini \
	conf/providers/strava.ini \
	conf/providers/stripe.ini \
	conf/providers/tiktok.ini \
	conf/providers/trakt.ini \
	conf/providers/twitch.ini \
	conf/providers/ups.ini \
	conf/providers/vk.ini \
	conf/providers/walmart.ini \
	conf/providers/wechat.ini \
	conf/providers/weibo.ini \
	conf/providers/withings.ini \
	conf/providers/wrike.ini \
	conf/providers/x.ini \
	conf/providers/xero.ini \
	conf/providers/yandex.ini \
	conf/providers/zoho.ini \
	conf/providers/zoom.ini
EXTRA_DIST += \
	conf/demo.ini
