package guard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/idempotency"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
)

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
)

// Idempotent answers a POST or PATCH that comes again under its Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header) as it was answered before, and has it made once.
// It stands behind [Authorize]: each principal has keys of its own, so that nobody can be
// given another's answer, and there are none for nobody. endpoint is what they belong to, and
// lease is how long a write may take. A nil c minds no keys.
//
// A write with a key goes on when its client has gone away, for the client will ask again. Its
// answer is kept before it is sent; of a failure, an answer of a route's service as well, only
// what a service has rejected ([fault.Rejected]), for anything else the client may try again
// under the same key.
func Idempotent(endpoint string, c *idempotency.Config, lease time.Duration, r *idempotency.Records, m *observe.Metrics) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if c == nil {
			return next
		}
		i := &idempotent{Config: *c, endpoint: endpoint, lease: lease, records: r, metrics: m, next: next}
		return i.serve
	}
}

type idempotent struct {
	idempotency.Config
	endpoint string
	lease    time.Duration
	records  *idempotency.Records
	metrics  *observe.Metrics
	next     echo.HandlerFunc
}

func (i *idempotent) serve(c echo.Context) error {
	r := c.Request()
	if r.Method != http.MethodPost && r.Method != http.MethodPatch {
		return i.next(c)
	}
	key, err := readKey(r.Header[keyHeader])
	switch {
	case err != nil:
		return i.refuse(err, "malformed")
	case key == "" && i.Required:
		return i.refuse(badKey("is required: a new one for each write, and the same when the write is sent again"), "missing")
	case key == "":
		return i.next(c)
	}
	p := identity.From(r.Context())
	if p == nil {
		return &fault.Error{Kind: fault.Unauthenticated}
	}
	body, err := i.read(c)
	if err != nil {
		return err
	}
	name := idempotency.Key{Endpoint: i.endpoint, Issuer: p.Issuer, Subject: p.Subject, Key: key}
	claim, known, err := i.records.Claim(r.Context(), name, fingerprint(r, body), i.lease)
	switch {
	case err != nil:
		return i.refuse(unclaimed(err), "refused")
	case known != nil:
		i.metrics.Idempotent(i.endpoint, "replayed")
		return replay(c, known)
	}
	i.metrics.Idempotent(i.endpoint, "first")
	return i.make(c, claim, body)
}

func (i *idempotent) refuse(err error, why string) error {
	i.metrics.Idempotent(i.endpoint, why)
	return err
}

// make makes the write, and keeps its answer before anybody sees it.
func (i *idempotent) make(c echo.Context, claim *idempotency.Claim, body []byte) error {
	defer claim.Release() // also of a panic
	r, response := c.Request(), c.Response()
	own := r.WithContext(context.WithoutCancel(r.Context()))
	own.Body = io.NopCloser(bytes.NewReader(body))
	own.Header = r.Header.Clone()
	own.Header.Del("Accept-Encoding") // whoever asks again may not understand the same
	rec := &recorder{ResponseWriter: response.Writer, most: int(i.MaxBody)}
	before, panics := maps.Clone(response.Header()), true // unless next returns
	defer func() {
		response.Writer = rec.ResponseWriter
		c.SetRequest(r)
		if panics {
			rec.takeBack(response, before)
		}
	}()
	response.Writer = rec
	c.SetRequest(own)
	err := i.next(c)
	panics = false
	if kept := rec.answer(err); kept != nil {
		// What cannot be kept is sent all the same: the write has been made.
		_ = claim.Settle(own.Context(), kept, i.TTL)
	}
	rec.send()
	return err
}

// read reads the whole body: it says whether it is the same write.
func (i *idempotent) read(c echo.Context) ([]byte, error) {
	r := c.Request()
	body, err := io.ReadAll(http.MaxBytesReader(c.Response().Writer, r.Body, i.MaxBody))
	if err == nil {
		return body, nil
	}
	_, large := errors.AsType[*http.MaxBytesError](err)
	switch {
	case large:
		return nil, invalidBody(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body must be at most %d bytes.", i.MaxBody), nil)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, invalidBody(http.StatusRequestTimeout, "The body did not arrive in time.", err)
	case r.Context().Err() != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &fault.Error{Kind: fault.Gone, Err: err}
	}
	return nil, invalidBody(http.StatusBadRequest, "The body broke off or is malformed.", err)
}

func invalidBody(status int, detail string, cause error) error {
	return &fault.Error{Kind: fault.Invalid, Status: status, Detail: detail, Err: cause}
}

// readKey reads the header, which is a structured string; as a plain token it means the same.
// Empty is none.
func readKey(values []string) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	key := strings.TrimSpace(values[0])
	if item, err := httpsfv.UnmarshalItem(values); err == nil {
		if text, ok := item.Value.(string); ok {
			key = text
		}
	}
	plain := strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r) }) < 0
	if len(values) > 1 || !plain || key == "" || len(key) > 255 {
		return "", badKey("must be one string of at most 255 visible characters, as \"8e03978e-40d5-43dd-bc93-6894a57f9324\"")
	}
	return key, nil
}

func badKey(detail string) error {
	return &fault.Error{Kind: fault.Invalid, Fields: []fault.Field{{In: "header", Name: keyHeader, Detail: detail}}}
}

// fingerprint hashes what the write is: its target and its body.
func fingerprint(r *http.Request, body []byte) idempotency.Fingerprint {
	h := sha256.New()
	for _, part := range []string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Content-Type")} {
		_, _ = io.WriteString(h, strconv.Itoa(len(part))+":"+part)
	}
	_, _ = h.Write(body)
	return idempotency.Fingerprint(h.Sum(nil))
}

// unclaimed is the problem of a key that cannot be had.
func unclaimed(err error) error {
	switch {
	case errors.Is(err, idempotency.ErrOther):
		return invalidBody(http.StatusUnprocessableEntity, "The Idempotency-Key was used for another request.", err)
	case errors.Is(err, idempotency.ErrInFlight):
		return &fault.Error{
			Kind: fault.Invalid, Status: http.StatusConflict, RetryAfter: time.Second, Err: err,
			Detail: "A request with this Idempotency-Key is under way.",
		}
	}
	return &fault.Error{
		Kind: fault.Unavailable, RetryAfter: time.Second, Err: err,
		Detail: "It cannot be said at the moment whether the request was made before.",
	}
}

// replay gives an answer again.
func replay(c echo.Context, a *idempotency.Answer) error {
	h := c.Response().Header()
	h[replayedHeader] = []string{"true"}
	switch {
	case a.TooLarge:
		return invalidBody(http.StatusConflict, "The request was made before; its answer was too large to be kept.", nil)
	case a.Refused != nil:
		return &fault.Error{
			Kind: fault.Rejected, Status: a.Refused.Status, Detail: a.Refused.Detail, Fields: a.Refused.Fields,
			Err: errors.New("a service has refused it before"),
		}
	}
	maps.Copy(h, a.Header)
	c.Response().WriteHeader(a.Status)
	_, _ = c.Response().Write(a.Body) // the client went away: the server closes the connection
	return nil
}
