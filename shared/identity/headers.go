package identity

import (
	"bytes"
	"slices"
)

// IsIdentityHeader reports whether a backend may take the header for a statement about who
// is asking. A gateway removes such headers from what it receives; only it may set them.
// Spelling does not matter: many servers fold case and read dash, underscore and dot alike.
func IsIdentityHeader(name string) bool {
	var buf [64]byte
	folded := fold(buf[:0], name)
	if identityHeaders[string(folded)] {
		return true
	}
	return slices.ContainsFunc(identityPrefixes, func(p string) bool {
		return bytes.HasPrefix(folded, []byte(p))
	})
}

// fold appends name in lower case, with a dash for all that is no letter or digit.
func fold(dst []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c+'a'-'A')
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			dst = append(dst, c)
		default:
			dst = append(dst, '-')
		}
	}
	return dst
}

var identityHeaders = set(
	// The subject, by its usual names.
	"x-user", "x-userid", "x-username", "x-userinfo", "x-email", "x-subject", "x-sub", "x-actor",
	"x-account", "x-account-id", "x-customer-id", "x-member-id", "x-session-user", "x-logged-in-user",
	"x-webauth-user", "x-webauth-email", "x-webauth-name", "x-webauth-groups", "x-webauth-role",
	"x-act-as", "x-on-behalf-of", "x-run-as", "x-sudo", "x-impersonate",
	// What it may do, and for whom.
	"x-role", "x-roles", "x-group", "x-groups", "x-scope", "x-scopes", "x-permission",
	"x-permissions", "x-admin", "x-is-admin", "x-claims", "x-tenant", "x-tenant-id",
	"x-org", "x-org-id", "x-organization-id", "x-scope-orgid",
	// The caller's software, credentials and certificate.
	"x-client-id", "x-caller", "x-caller-id", "x-service-name", "x-spiffe-id",
	"x-access-token", "x-id-token", "x-jwt", "x-jwt-payload", "x-client-dn", "x-client-verify",
	"x-arr-clientcert", "client-cert", "client-cert-chain",
	// Set by proxies and identity-aware gateways in front of a service.
	"x-credential-identifier", "x-credential-username", "x-anonymous-consumer",
	"x-endpoint-api-userinfo", "x-apigateway-api-userinfo", "x-goog-iap-jwt-assertion",
	"x-forwarded-preferred-username", "x-forwarded-user", "x-forwarded-email",
	"x-forwarded-groups", "x-forwarded-access-token", "x-forwarded-id-token",
	"x-forwarded-roles", "x-forwarded-client-cert", "remote-user",
)

var identityPrefixes = []string{
	"x-user-", "x-auth-", "x-authenticated-", "x-principal", "x-identity", "x-consumer-",
	"x-internal-", "x-claim-", "x-jwt-claim", "x-token-",
	"remote-", "x-remote-", "x-client-cert", "ssl-client-", "x-ssl-", "x-tls-client-",
	"x-forwarded-tls-client-cert", "x-goog-authenticated-user-", "x-amzn-oidc-",
	"x-ms-client-principal", "x-ms-token-", "cf-access-", "tailscale-user-", "oidc-", "x-oidc-",
	"x-authentik-", "x-pomerium-", "x-vouch-", "x-hasura-", "impersonate-", "shib-", "mellon-",
}

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}
