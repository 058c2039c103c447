/* SPDX-License-Identifier: BSD-3-Clause */
/* Sources, read in November 2026:
 *   root and registries  IANA's root zone: the names of the root's and of large top-level domains' servers
 *   time                 ntppool.org; the defaults of Windows, Apple's systems, Android, Ubuntu and Debian
 *   Debian, Ubuntu       the default sources.list of both, apt-transport's CDN names, Ubuntu's firewall requirements
 *   Windows              Microsoft, "Windows Update: firewall and proxy endpoints" and "Manage connection endpoints"
 *   Apple                Apple, "Use Apple products on enterprise networks" (support.apple.com/101555)
 *   Android              Google, "Android Enterprise network requirements"
 *   connectivity         each system's documentation of its captive portal probe; MISP's warninglist captive-portals
 *   certificates         the OCSP, CRL and issuer addresses in certificates of the authorities that Mozilla's programme
 *                        lists with most certificates; MISP's warninglist crl-hostname
 * It is short on purpose: popular names beyond these are a matter of `guard: warninglists`. */
#include "feedsync/guard/essential.h"

#include <string.h>

#include "libweir/name.h"

enum { ZONE = 0x100 }; /* everything below belongs to the same owner */

enum use { USE_DNS, USE_TIME, USE_UPDATES, USE_ONLINE, USE_CERTIFICATES };

static const char *const uses[] = {
	[USE_DNS] = "the DNS itself",
	[USE_TIME] = "what time it is",
	[USE_UPDATES] = "updates of systems",
	[USE_ONLINE] = "whether one is online",
	[USE_CERTIFICATES] = "whether certificates hold",
};

static const struct {
	const char *name;
	unsigned mark;
} names[] = {
	{"root-servers.net", USE_DNS | ZONE},
	{"root-servers.org", USE_DNS},
	{"gtld-servers.net", USE_DNS | ZONE},
	{"nstld.com", USE_DNS | ZONE},
	{"in-addr-servers.arpa", USE_DNS | ZONE},
	{"ip6-servers.arpa", USE_DNS | ZONE},
	{"iana.org", USE_DNS},
	{"data.iana.org", USE_DNS},
	{"rdap.iana.org", USE_DNS},
	{"afilias-nst.info", USE_DNS | ZONE},
	{"afilias-nst.org", USE_DNS | ZONE},
	{"dns.nl", USE_DNS | ZONE},
	{"dns.eu", USE_DNS | ZONE},
	{"dns.be", USE_DNS | ZONE},
	{"dns.it", USE_DNS | ZONE},
	{"dns.pl", USE_DNS | ZONE},
	{"dns.jp", USE_DNS | ZONE},
	{"dns.br", USE_DNS | ZONE},
	{"dns.cn", USE_DNS | ZONE},
	{"ns.se", USE_DNS | ZONE},
	{"ns.nic.cz", USE_DNS | ZONE},
	{"s.de.net", USE_DNS},
	{"n.de.net", USE_DNS},
	{"l.de.net", USE_DNS},
	{"ext.nic.fr", USE_DNS | ZONE},
	{"audns.net.au", USE_DNS | ZONE},
	{"cira-servers.ca", USE_DNS | ZONE},
	{"ripn.net", USE_DNS | ZONE},
	{"uniregistry.net", USE_DNS},
	{"ripe.net", USE_DNS},
	{"arin.net", USE_DNS},
	{"apnic.net", USE_DNS},
	{"lacnic.net", USE_DNS},
	{"afrinic.net", USE_DNS},

	{"pool.ntp.org", USE_TIME | ZONE},
	{"time.windows.com", USE_TIME},
	{"time.apple.com", USE_TIME},
	{"time.euro.apple.com", USE_TIME},
	{"time.asia.apple.com", USE_TIME},
	{"time-ios.apple.com", USE_TIME},
	{"time-macos.apple.com", USE_TIME},
	{"time.google.com", USE_TIME},
	{"time.android.com", USE_TIME},
	{"time.cloudflare.com", USE_TIME},
	{"time.nist.gov", USE_TIME},
	{"ntp.ubuntu.com", USE_TIME},
	{"ntp.nict.jp", USE_TIME},
	{"ptbtime1.ptb.de", USE_TIME},

	{"deb.debian.org", USE_UPDATES},
	{"security.debian.org", USE_UPDATES},
	{"ftp.debian.org", USE_UPDATES},
	{"cdn-fastly.deb.debian.org", USE_UPDATES},
	{"debian.map.fastlydns.net", USE_UPDATES},
	{"archive.ubuntu.com", USE_UPDATES | ZONE},
	{"security.ubuntu.com", USE_UPDATES},
	{"ports.ubuntu.com", USE_UPDATES},
	{"changelogs.ubuntu.com", USE_UPDATES},
	{"esm.ubuntu.com", USE_UPDATES},
	{"livepatch.canonical.com", USE_UPDATES},
	{"api.snapcraft.io", USE_UPDATES},
	{"windowsupdate.com", USE_UPDATES | ZONE},
	{"windowsupdate.microsoft.com", USE_UPDATES | ZONE},
	{"update.microsoft.com", USE_UPDATES | ZONE},
	{"delivery.mp.microsoft.com", USE_UPDATES | ZONE},
	{"dsp.mp.microsoft.com", USE_UPDATES | ZONE},
	{"download.microsoft.com", USE_UPDATES},
	{"definitionupdates.microsoft.com", USE_UPDATES},
	{"wdcp.microsoft.com", USE_UPDATES},
	{"wdcpalt.microsoft.com", USE_UPDATES},
	{"go.microsoft.com", USE_UPDATES},
	{"wustat.windows.com", USE_UPDATES},
	{"swscan.apple.com", USE_UPDATES},
	{"swdist.apple.com", USE_UPDATES},
	{"swcdn.apple.com", USE_UPDATES},
	{"swdownload.apple.com", USE_UPDATES},
	{"updates.cdn-apple.com", USE_UPDATES},
	{"updates-http.cdn-apple.com", USE_UPDATES},
	{"appldnld.apple.com", USE_UPDATES},
	{"mesu.apple.com", USE_UPDATES},
	{"gdmf.apple.com", USE_UPDATES},
	{"gs.apple.com", USE_UPDATES},
	{"gg.apple.com", USE_UPDATES},
	{"oscdn.apple.com", USE_UPDATES},
	{"osrecovery.apple.com", USE_UPDATES},
	{"push.apple.com", USE_UPDATES | ZONE},
	{"android.clients.google.com", USE_UPDATES},
	{"android.googleapis.com", USE_UPDATES},
	{"play.googleapis.com", USE_UPDATES},
	{"update.googleapis.com", USE_UPDATES},
	{"dl.google.com", USE_UPDATES},
	{"redirector.gvt1.com", USE_UPDATES},
	{"gvt1.com", USE_UPDATES | ZONE},
	{"mtalk.google.com", USE_UPDATES},
	{"aus5.mozilla.org", USE_UPDATES},
	{"mirrors.fedoraproject.org", USE_UPDATES},

	{"connectivitycheck.gstatic.com", USE_ONLINE},
	{"connectivitycheck.android.com", USE_ONLINE},
	{"www.gstatic.com", USE_ONLINE},
	{"www.google.com", USE_ONLINE},
	{"clients1.google.com", USE_ONLINE},
	{"clients3.google.com", USE_ONLINE},
	{"captive.apple.com", USE_ONLINE},
	{"www.apple.com", USE_ONLINE},
	{"gsp1.apple.com", USE_ONLINE},
	{"www.msftconnecttest.com", USE_ONLINE},
	{"ipv6.msftconnecttest.com", USE_ONLINE},
	{"www.msftncsi.com", USE_ONLINE},
	{"dns.msftncsi.com", USE_ONLINE},
	{"ipv6.msftncsi.com", USE_ONLINE},
	{"detectportal.firefox.com", USE_ONLINE},
	{"connectivity-check.ubuntu.com", USE_ONLINE},
	{"network-test.debian.org", USE_ONLINE},
	{"nmcheck.gnome.org", USE_ONLINE},
	{"networkcheck.kde.org", USE_ONLINE},
	{"conncheck.opensuse.org", USE_ONLINE},
	{"ping.archlinux.org", USE_ONLINE},
	{"connect.rom.miui.com", USE_ONLINE},
	{"connectivitycheck.platform.hicloud.com", USE_ONLINE},

	{"lencr.org", USE_CERTIFICATES | ZONE},
	{"acme-v02.api.letsencrypt.org", USE_CERTIFICATES},
	{"pki.goog", USE_CERTIFICATES | ZONE},
	{"amazontrust.com", USE_CERTIFICATES | ZONE},
	{"ocsp.digicert.com", USE_CERTIFICATES | ZONE},
	{"ocsp.digicert.cn", USE_CERTIFICATES},
	{"crl3.digicert.com", USE_CERTIFICATES},
	{"crl4.digicert.com", USE_CERTIFICATES},
	{"cacerts.digicert.com", USE_CERTIFICATES},
	{"ocsp.sectigo.com", USE_CERTIFICATES | ZONE},
	{"crl.sectigo.com", USE_CERTIFICATES | ZONE},
	{"crt.sectigo.com", USE_CERTIFICATES | ZONE},
	{"ocsp.comodoca.com", USE_CERTIFICATES | ZONE},
	{"crl.comodoca.com", USE_CERTIFICATES | ZONE},
	{"crt.comodoca.com", USE_CERTIFICATES | ZONE},
	{"ocsp.usertrust.com", USE_CERTIFICATES},
	{"crl.usertrust.com", USE_CERTIFICATES},
	{"crt.usertrust.com", USE_CERTIFICATES},
	{"ocsp.globalsign.com", USE_CERTIFICATES},
	{"ocsp2.globalsign.com", USE_CERTIFICATES},
	{"crl.globalsign.com", USE_CERTIFICATES},
	{"secure.globalsign.com", USE_CERTIFICATES},
	{"ocsp.entrust.net", USE_CERTIFICATES},
	{"crl.entrust.net", USE_CERTIFICATES},
	{"aia.entrust.net", USE_CERTIFICATES},
	{"ocsp.godaddy.com", USE_CERTIFICATES},
	{"crl.godaddy.com", USE_CERTIFICATES},
	{"certificates.godaddy.com", USE_CERTIFICATES},
	{"ocsp.starfieldtech.com", USE_CERTIFICATES},
	{"crl.starfieldtech.com", USE_CERTIFICATES},
	{"ocsp.identrust.com", USE_CERTIFICATES},
	{"commercial.ocsp.identrust.com", USE_CERTIFICATES},
	{"validation.identrust.com", USE_CERTIFICATES},
	{"apps.identrust.com", USE_CERTIFICATES},
	{"ocsp.apple.com", USE_CERTIFICATES},
	{"ocsp2.apple.com", USE_CERTIFICATES},
	{"crl.apple.com", USE_CERTIFICATES},
	{"valid.apple.com", USE_CERTIFICATES},
	{"certs.apple.com", USE_CERTIFICATES},
	{"oneocsp.microsoft.com", USE_CERTIFICATES},
	{"ocsp.msocsp.com", USE_CERTIFICATES},
	{"crl.microsoft.com", USE_CERTIFICATES},
	{"mscrl.microsoft.com", USE_CERTIFICATES},
	{"www.microsoft.com", USE_CERTIFICATES},
	{"certum.pl", USE_CERTIFICATES},
	{"ocsp.certum.pl", USE_CERTIFICATES},
	{"crl.certum.pl", USE_CERTIFICATES},
	{"subca.ocsp-certum.com", USE_CERTIFICATES},
	{"ocsp.quovadisglobal.com", USE_CERTIFICATES},
	{"crl.quovadisglobal.com", USE_CERTIFICATES},
	{"ocsp.buypass.com", USE_CERTIFICATES},
	{"crl.buypass.no", USE_CERTIFICATES},
	{"ocsp.swisssign.net", USE_CERTIFICATES},
	{"crl.swisssign.net", USE_CERTIFICATES},
	{"ocsp.telesec.de", USE_CERTIFICATES},
	{"crl.telesec.de", USE_CERTIFICATES},
	{"pki.telesec.de", USE_CERTIFICATES},
	{"ocsp.harica.gr", USE_CERTIFICATES},
	{"crl.harica.gr", USE_CERTIFICATES},
	{"ocsp.ssl.com", USE_CERTIFICATES},
	{"ocsps.ssl.com", USE_CERTIFICATES},
	{"crls.ssl.com", USE_CERTIFICATES},
	{"ocsp.trustwave.com", USE_CERTIFICATES},
	{"crl.trustwave.com", USE_CERTIFICATES},
};

int essential_load(struct nameset *set)
{
	int status = 0;
	for (unsigned i = 0; status == 0 && i < sizeof names / sizeof *names; i++) {
		name_storage wire;
		struct namekey key;
		int length = name_from_text(names[i].name, strlen(names[i].name), wire);
		if (length < 0)
			return length;
		namekey_of(&key, wire, (size_t)length);
		status = nameset_add(set, &key, names[i].mark);
	}
	nameset_sort(set);
	return status;
}

const struct nameset_entry *essential_hit(const struct nameset *set, const struct namekey *key, enum scope scope)
{
	const struct nameset_entry *entry = scope == SCOPE_SUBTREE ? nameset_below(set, key) : nameset_at(set, key);
	struct namekey above = *key;
	while (!entry && namekey_up(&above)) {
		const struct nameset_entry *at = nameset_at(set, &above);
		if (at && (at->mark & ZONE))
			entry = at;
	}
	return entry;
}

bool essential_is_registry(const struct namekey *key)
{
	const char *dot = strchr(key->text, '.');
	if (!dot || strncmp(dot + 1, "nic.", 4) != 0)
		return false;
	const char *below = strchr(dot + 5, '.');
	return !below || below[1] == '\0';
}

const char *essential_use(const struct nameset_entry *entry)
{
	return uses[entry->mark & 0xff];
}
