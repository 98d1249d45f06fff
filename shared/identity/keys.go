package identity

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
)

var (
	errNoKeys    = errors.New("the issuer's keys have not been loaded yet")
	errStaleKeys = errors.New("the issuer's keys are too old")
	errUndecided = errors.New("the key is unknown, and the issuer cannot be asked for newer ones")
)

// patience bounds how long a token with an unknown key id waits for a fetch.
const patience = time.Second

// keys are the issuer's last good keys. One goroutine ([keys.run]) fetches them: at
// intervals, sooner after a failure, and when a token names a key that is unknown. It is a
// [jwkset.Storage], so that the library finds keys in it.
type keys struct {
	jwkset.Storage
	source source
	every  time.Duration // between fetches
	pause  time.Duration // at least, between a fetch and the next that somebody wants
	stale  time.Duration
	tokens int // that may be remembered
	log    *slog.Logger
	wanted chan struct{} // holds at most one wish
	done   <-chan struct{}

	mu     sync.Mutex
	round  chan struct{} // closed when the fetch under way, or else the next, has ended
	busy   bool
	began  time.Time // of the latest fetch
	loaded time.Time // end of the latest success
	known  *memory   // what these keys have verified
	err    error     // of the latest fetch
}

func newKeys(ctx context.Context, cfg *Config, s source, log *slog.Logger) *keys {
	return &keys{
		Storage: jwkset.NewMemoryStorage(),
		source:  s,
		every:   cfg.RefreshInterval,
		pause:   cfg.RetryInterval,
		stale:   cfg.MaxStale,
		tokens:  cfg.Cache.MaxTokens,
		log:     log,
		wanted:  make(chan struct{}, 1),
		done:    ctx.Done(),
		round:   make(chan struct{}),
		err:     errNoKeys,
	}
}

// run fetches until ctx ends.
func (k *keys) run(ctx context.Context) {
	for failures := 0; ; {
		delay := k.every
		if err := k.load(ctx); err != nil {
			delay = min(k.pause, time.Second<<min(failures, 5))
			failures++
		} else {
			failures = 0
		}
		select {
		case <-ctx.Done():
			return
		case <-k.wanted:
		case <-time.After(jitter(delay)):
		}
	}
}

// jitter keeps the gateways of a fleet from asking all at once. It only ever shortens.
func jitter(d time.Duration) time.Duration {
	return d - time.Duration(rand.Int64N(int64(d/10)+1))
}

// load fetches once. What fails leaves the keys as they are. Every failure is logged, and a
// success only where there was none before.
func (k *keys) load(ctx context.Context) error {
	k.mu.Lock()
	k.busy, k.began = true, time.Now()
	select { // a wish from before this fetch is granted by it
	case <-k.wanted:
	default:
	}
	k.mu.Unlock()

	set, err := k.source.fetch(ctx)

	k.mu.Lock()
	if err == nil {
		err = k.replace(ctx, set)
	}
	former, loaded := k.err, k.loaded
	if k.busy, k.err = false, err; err == nil {
		k.loaded = time.Now()
	}
	close(k.round)
	k.round = make(chan struct{})
	k.mu.Unlock()

	switch { // after the lock, for who is verifying must not wait for the log
	case ctx.Err() != nil:
	case err != nil:
		k.log.WarnContext(ctx, "identity: cannot fetch the issuer's keys",
			"url", k.source.url, "error", err, "loaded", loaded)
	case former != nil:
		k.log.InfoContext(ctx, "identity: fetched the issuer's keys", "url", k.source.url, "keys", len(set))
	}
	return err
}

// replace makes set the keys, and forgets what others have verified. The caller holds
// k.mu, so that nobody is between the two. Who is verifying with the former keys at this
// moment has the former memory too, and leaves nothing in the new one.
func (k *keys) replace(ctx context.Context, set []jwkset.JWK) error {
	former, err := k.KeyReadAll(ctx)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(former, set, sameKey) {
		k.known = newMemory(k.tokens)
	}
	return k.KeyReplaceAll(ctx, set)
}

func sameKey(a, b jwkset.JWK) bool { return reflect.DeepEqual(a.Marshal(), b.Marshal()) }

// KeyRead finds a key by its id, if need be by asking the issuer for newer keys.
func (k *keys) KeyRead(ctx context.Context, id string) (jwkset.JWK, error) {
	key, err := k.Storage.KeyRead(ctx, id)
	if !errors.Is(err, jwkset.ErrKeyNotFound) {
		return key, err
	}
	if err := k.renew(ctx); err != nil {
		return jwkset.JWK{}, err
	}
	return k.Storage.KeyRead(ctx, id)
}

// renew waits for a fetch, if one is under way or due. It returns errUndecided when the
// issuer's present keys are not known.
func (k *keys) renew(ctx context.Context) error {
	k.mu.Lock()
	round, wait := k.round, k.busy
	if !wait && time.Since(k.began) >= k.pause {
		wait = true
		select {
		case k.wanted <- struct{}{}:
		default:
		}
	}
	k.mu.Unlock()

	if wait {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-round:
		case <-timer.C:
		case <-k.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.busy || k.err != nil {
		return errUndecided
	}
	return nil
}

// usable returns what the present keys have verified, and an error while nothing can be
// verified.
func (k *keys) usable(now time.Time) (*memory, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.loaded.IsZero():
		return nil, errNoKeys
	case now.Sub(k.loaded) > k.stale:
		return nil, errStaleKeys
	}
	return k.known, nil
}

// ready returns nil once keys have been loaded, and else why they have not.
func (k *keys) ready() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.loaded.IsZero() {
		return k.err
	}
	return nil
}
