// Package idp is the demo's OpenID provider: the flows of a real one, with a login page
// for accounts that all have the same password, and demo tokens without any login.
package idp

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// What the demo's browsers and gateways log in with; none of it protects anything.
const (
	Password     = "demo"           // of every account
	WebClient    = "bff-web"        // a confidential client
	WebSecret    = "bff-web-secret" // its secret
	NativeClient = "bff-mobile"     // a public client, PKCE only
	Audience     = "facet"          // of demo tokens, unless they ask for another
	redirects    = "http://*:*/**"  // glob of the redirect URIs that clients may use
	signedOut    = "/healthz"       // where a logout without a target ends
	demoClient   = "demo"           // client_id of demo tokens
)

// Account is somebody who can log in, by id or e-mail address.
type Account struct {
	ID, FirstName, LastName, Email string
	Roles                          []string
}

// New returns a provider whose URLs begin with the issuer's, under new signing keys.
func New(issuer string, accounts []Account) (http.Handler, error) {
	s, err := newStore(accounts)
	if err != nil {
		return nil, err
	}
	provider, err := op.NewProvider(&op.Config{
		CryptoKey:                sha256.Sum256([]byte(issuer)),
		DefaultLogoutRedirectURI: signedOut,
		CodeMethodS256:           true,
		AuthMethodPost:           true,
		GrantTypeRefreshToken:    true,
	}, s, op.StaticIssuer(issuer), op.WithAllowInsecure())
	if err != nil {
		return nil, fmt.Errorf("OpenID provider %s: %w", issuer, err)
	}
	withIssuer := op.NewIssuerInterceptor(provider.IssuerFromRequest)
	pages := login{s, op.AuthCallbackURL(provider)}
	mux := rest.Routes{
		"GET /healthz":    rest.Healthy,
		"GET /demo/token": demoTokens{issuer, s.keys}.issue,
	}.Mux()
	mux.HandleFunc("GET "+loginPath, pages.ask)
	mux.Handle("POST "+loginPath, withIssuer.Handler(http.HandlerFunc(pages.check)))
	mux.Handle("/", provider)
	return mux, nil
}

// directory finds accounts for the storage.
type directory map[string]Account

var _ storage.UserStore = directory(nil)

func (d directory) GetUserByID(id string) *storage.User {
	account, ok := d[id]
	if !ok {
		return nil
	}
	return &storage.User{
		ID: account.ID, Username: account.ID, Password: Password,
		FirstName: account.FirstName, LastName: account.LastName,
		Email: account.Email, EmailVerified: true,
		IsAdmin: slices.Contains(account.Roles, "admin"),
	}
}

// GetUserByUsername also takes the e-mail address.
func (d directory) GetUserByUsername(name string) *storage.User { return d.GetUserByID(name) }

func (directory) ExampleClientID() string { return demoClient }
