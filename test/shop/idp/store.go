package idp

import (
	"context"
	"fmt"
	"strings"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// store is the library's in-memory storage with more keys, and with clients whose access tokens
// are JWTs that carry the account's roles and the scopes.
type store struct {
	*storage.Storage
	accounts directory
	keys     *keyring
}

var _ op.Storage = (*store)(nil)

func newStore(accounts []Account) (*store, error) {
	byName := make(directory, 2*len(accounts))
	for _, account := range accounts {
		byName[account.ID] = account
		byName[account.Email] = account
	}
	inner := storage.NewStorageWithClients(byName, map[string]*storage.Client{
		WebClient:    storage.WebClient(WebClient, WebSecret),
		NativeClient: storage.NativeClient(NativeClient),
	})
	rsaKey, err := inner.SigningKey(context.Background())
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	keys, err := newKeyring(rsaKey)
	if err != nil {
		return nil, err
	}
	return &store{inner, byName, keys}, nil
}

func (s *store) KeySet(context.Context) ([]op.Key, error) {
	return s.keys.public(), nil
}

func (s *store) GetPrivateClaimsFromScopes(
	_ context.Context, user, _ string, scopes []string,
) (map[string]any, error) {
	return map[string]any{"roles": s.accounts[user].Roles, "scope": strings.Join(scopes, " ")}, nil
}

func (s *store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	found, err := s.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{found}, nil
}

// client may be sent back to any host and ask for any scope: gateways and offsets differ
// from demo to demo.
type client struct{ op.Client }

var _ op.HasRedirectGlobs = client{}

func (client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeJWT }
func (client) IsScopeAllowed(string) bool           { return true }
func (client) DevMode() bool                        { return true }
func (client) RedirectURIGlobs() []string           { return []string{redirects} }
func (client) PostLogoutRedirectURIGlobs() []string { return []string{redirects} }
func (client) LoginURL(request string) string       { return loginPath + "?request=" + request }
