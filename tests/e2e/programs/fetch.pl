# SPDX-License-Identifier: MIT
# URL [FILE]: gets it, or posts the file; writes the answer's body.
use strict;
use warnings;
use LWP::UserAgent;

my ($url, $file) = @ARGV;
my $agent = LWP::UserAgent->new(env_proxy => 1, timeout => 30);
my $reply;
if (defined $file) {
	open(my $in, '<:raw', $file) or die "$file: $!\n";
	local $/;
	$reply = $agent->post($url, Content => <$in>);
} else {
	$reply = $agent->get($url);
}
die $reply->status_line . "\n" unless $reply->is_success;
binmode STDOUT;
print $reply->content;
