package policy

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"net/http"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/identity"
)

// CallerCredentials sends the caller's access token along as a bearer token (RFC 6750)
// and marks the request as that caller's. It stands outermost, so that the caller is part
// of the key by which answers are kept and shared. A caller without a token, such as an
// anonymous one, is sent as it is.
func CallerCredentials() backend.Policy {
	return func(next backend.Sender) backend.Sender {
		return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			p := identity.From(ctx)
			if p.Token() == "" {
				return next(ctx, req)
			}
			own := *req
			own.Header = make(http.Header, len(req.Header)+1)
			maps.Copy(own.Header, req.Header)
			own.Header["Authorization"] = []string{"Bearer " + p.Token()}
			own.Caller = callerID(p)
			return next(ctx, &own)
		}
	}
}

// callerID is equal only for the same token of the same subject and issuer. Lengths go
// before the strings, so that no other subject and issuer run together to the same bytes.
func callerID(p *identity.Principal) string {
	var text []byte
	for _, s := range []string{p.Issuer, p.Subject, p.Token()} {
		text = binary.BigEndian.AppendUint64(text, uint64(len(s)))
		text = append(text, s...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
