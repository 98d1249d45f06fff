package route

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/facet-bff/facet/shared/identity"
)

// hopByHop headers belong to one connection (RFC 9110, 7.6.1) or say how a message is
// framed on it. They never pass, in either direction.
var hopByHop = headerSet(
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization",
	"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Http2-Settings",
	"Content-Length", "Expect", "Host",
)

func headerSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[textproto.CanonicalMIMEHeaderKey(name)] = true
	}
	return set
}

// named are the headers that Connection declares to be hop-by-hop, too.
func named(h http.Header) map[string]bool {
	lines := h["Connection"]
	if len(lines) == 0 {
		return nil
	}
	set := map[string]bool{}
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			set[textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))] = true
		}
	}
	return set
}

// validateHeaders checks every name and value in the configuration.
func (c Config) validateHeaders() error {
	var wrong []error
	check := func(where, name string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %q %w", where, name, err))
		}
	}
	for _, name := range c.Request.Allow {
		check("request.allow", name, validateSent(name))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Request.Set)) {
		check("request.set", name, errors.Join(validateSent(name), validateValue(c.Request.Set[name])))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Response.Set)) {
		check("response.set", name, errors.Join(validateName(name), validateValue(c.Response.Set[name])))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Match.Headers)) {
		check("match.headers", name, errors.Join(validateName(name), validateValue(c.Match.Headers[name])))
	}
	for _, name := range c.Request.Remove {
		check("request.remove", name, validateRemoved(name))
	}
	for _, name := range c.Response.Remove {
		check("response.remove", name, validateName(name))
	}
	return errors.Join(wrong...)
}

func validateName(name string) error {
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return errors.New("is not the name of a header")
	case hopByHop[textproto.CanonicalMIMEHeaderKey(name)]:
		return errors.New("belongs to the connection and cannot be configured")
	}
	return nil
}

func validateValue(value string) error {
	if !httpguts.ValidHeaderFieldValue(value) {
		return errors.New("has a value with control characters")
	}
	return nil
}

// validateSent refuses headers by which a client, or a mistake, could pass for somebody.
func validateSent(name string) error {
	switch err := validateName(name); {
	case err != nil:
		return err
	case identity.IsIdentityHeader(name):
		return errors.New("says who is asking; only the gateway may, and by the service's credentials")
	case strings.EqualFold(name, "Accept-Encoding"):
		return errors.New("is passed on in a normal form; request.remove stops it")
	case strings.EqualFold(name, "Forwarded"), strings.HasPrefix(strings.ToLower(name), "x-forwarded-"):
		return errors.New("would be believed; use request.forwarded")
	}
	return nil
}

func validateRemoved(name string) error {
	if _, usual := passing[textproto.CanonicalMIMEHeaderKey(name)]; !usual && !strings.EqualFold(name, "Accept-Encoding") {
		return errors.New("is not passed on anyway; leave it out")
	}
	return nil
}
