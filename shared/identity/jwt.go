package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// JWT verifies access tokens that are signed JWTs (RFC 7519, 9068) of one issuer. It is
// safe for concurrent use.
type JWT struct {
	cfg    Config
	keys   *keys
	byID   keyfunc.Keyfunc
	parser *jwt.Parser

	stop context.CancelFunc
	done sync.WaitGroup
}

// New starts fetching the issuer's keys and does not wait for them: until they are there
// [JWT.Ready] returns an error, and so does [JWT.Verify]. client may be nil for
// [http.DefaultClient]; its redirect policy and cookies are not used. log may not be nil.
// The verifier fetches until [JWT.Close] or the end of ctx; after that it uses the keys
// that it has, until they are stale.
func New(ctx context.Context, cfg Config, client *http.Client, log *slog.Logger) (*JWT, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	cfg.Algorithms, cfg.Audience = slices.Clone(cfg.Algorithms), slices.Clone(cfg.Audience)
	if client == nil {
		client = http.DefaultClient
	}
	ctx, stop := context.WithCancel(ctx)
	v := &JWT{cfg: cfg, stop: stop}
	v.keys = newKeys(ctx, &v.cfg, newSource(&v.cfg, client), log)
	byID, err := keyfunc.New(keyfunc.Options{Ctx: ctx, Storage: v.keys})
	if err != nil {
		stop()
		return nil, fmt.Errorf("identity: %w", err)
	}
	v.byID = byID
	v.parser = jwt.NewParser(
		jwt.WithValidMethods(cfg.Algorithms),
		jwt.WithIssuer(cfg.Issuer),
		jwt.WithAudience(cfg.Audience...),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(cfg.Leeway),
		jwt.WithStrictDecoding(),
	)
	v.done.Go(func() { v.keys.run(ctx) })
	return v, nil
}

// Close stops fetching and waits until that has ended.
func (v *JWT) Close() {
	v.stop()
	v.done.Wait()
}

// Ready returns nil once the issuer's keys have been loaded, and else what is in the way.
func (v *JWT) Ready() error {
	if err := v.keys.ready(); err != nil {
		return fmt.Errorf("identity: no keys from %s: %w", v.cfg.JWKSURL, err)
	}
	return nil
}

// Verify returns the principal that token speaks for. What does not hold is a
// [*fault.Error]: Unauthenticated when the token is at fault, Unavailable when there are
// no keys to tell. It blocks only for a key id that is new, at most a second; when ctx
// ends first, its error is returned. A token that was verified is remembered, as long as
// verifying it again would have the same result.
func (v *JWT) Verify(ctx context.Context, token string) (*Principal, error) {
	now := time.Now()
	known, unusable := v.keys.usable(now)
	id, found := known.recall(token, now)
	if found != nil {
		return found.principal.WithToken(token), nil
	}
	read, err := inspect(token, v.cfg.Algorithms)
	if err != nil {
		return nil, refuse(malformed, err)
	}
	if unusable != nil {
		return nil, v.unavailable(unusable)
	}
	if found, err = v.verify(ctx, token, read); err != nil {
		return nil, v.explain(ctx, err)
	}
	known.remember(id, found)
	return found.principal.WithToken(token), nil
}

// verify has the library verify the token, whose claims have been read.
func (v *JWT) verify(ctx context.Context, token string, read jwt.MapClaims) (*verified, error) {
	if _, err := v.parser.ParseWithClaims(token, &alreadyRead{read}, v.key(ctx)); err != nil {
		return nil, err
	}
	return v.cfg.read(read)
}

// alreadyRead are claims that [inspect] has read: the library would read them again, slowly,
// and less strictly.
type alreadyRead struct{ jwt.MapClaims }

// UnmarshalJSON leaves the claims as they are.
func (*alreadyRead) UnmarshalJSON([]byte) error { return nil }

var errUnfit = errors.New("the key does not fit the algorithm")

// key finds what verifies a token. It also makes the PS* methods hold to the one salt
// length that RFC 7518, 3.5 allows: the library's own accept any.
func (v *JWT) key(ctx context.Context) jwt.Keyfunc {
	byID := v.byID.KeyfuncCtx(ctx)
	return func(t *jwt.Token) (any, error) {
		alg := t.Method.Alg()
		if pss, ok := t.Method.(*jwt.SigningMethodRSAPSS); ok {
			strict := *pss
			strict.VerifyOptions = nil
			t.Method = &strict
		}
		if _, ok := t.Header[jwkset.HeaderKID]; !ok {
			return v.anyKey(ctx, alg)
		}
		key, err := byID(t)
		if err == nil && !suits(key, alg) {
			return nil, errUnfit
		}
		return key, err
	}
}

// anyKey is for a token that does not name its key.
func (v *JWT) anyKey(ctx context.Context, alg string) (any, error) {
	all, err := v.keys.KeyReadAll(ctx)
	if err != nil {
		return nil, err
	}
	var set jwt.VerificationKeySet
	for _, key := range all {
		if fits(key, alg) {
			set.Keys = append(set.Keys, key.Key())
		}
	}
	if len(set.Keys) == 0 {
		return nil, jwkset.ErrKeyNotFound
	}
	return set, nil
}
