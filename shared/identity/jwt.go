package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// JWT verifies access tokens that are signed JWTs (RFC 7519, 9068) of one issuer. It is
// safe for concurrent use.
type JWT struct {
	cfg       Config
	keys      *keys
	byID      keyfunc.Keyfunc
	validator *jwt.Validator

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
	v.validator = jwt.NewValidator(
		jwt.WithIssuer(cfg.Issuer),
		jwt.WithAudience(cfg.Audience...),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(cfg.Leeway),
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
	t, err := inspect(token, v.cfg.Algorithms)
	if err != nil {
		return nil, refuse(malformed, err)
	}
	if unusable != nil {
		return nil, v.unavailable(unusable)
	}
	if found, err = v.verify(ctx, t); err != nil {
		return nil, v.explain(ctx, err)
	}
	known.remember(id, found)
	return found.principal.WithToken(token), nil
}

// verify verifies the signature, then the claims: of a forged token, nobody is told more. The
// library does both. Its parser would do no more, but for reading the token again, with less
// care; FuzzVerify holds the two against each other.
func (v *JWT) verify(ctx context.Context, t *jwt.Token) (*verified, error) {
	keys, err := v.candidates(ctx, t)
	if err != nil {
		return nil, err
	}
	text := t.Raw[:strings.LastIndexByte(t.Raw, '.')]
	if !slices.ContainsFunc(keys, func(key jwt.VerificationKey) bool {
		return t.Method.Verify(text, t.Signature, key) == nil
	}) {
		return nil, jwt.ErrTokenSignatureInvalid
	}
	if err := v.validator.Validate(t.Claims); err != nil {
		return nil, err
	}
	return v.cfg.read(t.Claims.(jwt.MapClaims))
}

var errUnfit = errors.New("the key does not fit the algorithm")

// candidates are the keys that may have signed the token: of the id that it names, or else all
// that fit.
func (v *JWT) candidates(ctx context.Context, t *jwt.Token) ([]jwt.VerificationKey, error) {
	alg, missing := t.Method.Alg(), jwkset.ErrKeyNotFound
	id, named := t.Header[jwkset.HeaderKID].(string)
	if named {
		key, err := v.byID.KeyfuncCtx(ctx)(t)
		if err == nil && suits(key, alg) {
			return []jwt.VerificationKey{key}, nil
		}
		if missing = err; err == nil {
			missing = errUnfit
		}
	}
	all, err := v.keys.KeyReadAll(ctx)
	if err != nil {
		return nil, err
	}
	var keys []jwt.VerificationKey
	for _, key := range all { // keys of different types may share an id (RFC 7517, 4.5)
		if (!named || key.Marshal().KID == id) && fits(key, alg) {
			keys = append(keys, key.Key())
		}
	}
	if len(keys) == 0 {
		return nil, missing
	}
	return keys, nil
}
