package policy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

var cacheDefaults = CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20}

// caching is a chain of the cache's two halves around service.
func caching(t testing.TB, c CacheConfig, m *observe.Metrics, service backend.Sender) backend.Sender {
	t.Helper()
	store, r := newStore(t), NewRefresher()
	t.Cleanup(r.Close) // before the store's
	answer, fill := Cache(c, nil, Shared{Gateway: "bff", Store: store, Refresher: r, Metrics: m})
	return backend.Chain(service, answer, fill)
}

// headers reads pairs.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestHowLongAnswersAreKept(t *testing.T) {
	perOp := func(ttl time.Duration) CacheConfig {
		return CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20, Ops: only("product", ttl)}
	}
	off := CacheConfig{MaxEntry: 1 << 20}
	for _, c := range []struct {
		name   string
		config CacheConfig
		caller string
		header http.Header
		want   time.Duration
	}{
		{name: "the service's TTL", config: cacheDefaults, want: time.Minute},
		{name: "the op's TTL", config: perOp(5 * time.Second), want: 5 * time.Second},
		{name: "the op is switched off", config: perOp(0), header: headers("Cache-Control", "max-age=60")},
		{name: "no TTL", config: off},
		{name: "no TTL, but it says so", config: off, header: headers("Cache-Control", "max-age=7"), want: 7 * time.Second},
		{name: "what it says wins", config: cacheDefaults, header: headers("Cache-Control", "max-age=7"), want: 7 * time.Second},
		{name: "less its age", config: cacheDefaults, header: headers("Cache-Control", "max-age=7", "Age", "4"), want: 3 * time.Second},
		{name: "no-store", config: perOp(time.Hour), header: headers("Cache-Control", "no-store")},
		{name: "private", config: perOp(time.Hour), header: headers("Cache-Control", "private")},
		{name: "a cookie", config: perOp(time.Hour), header: headers("Set-Cookie", "a=b")},

		{name: "a caller's", config: cacheDefaults, caller: "alice"},
		{name: "a caller's, max-age", config: cacheDefaults, caller: "alice", header: headers("Cache-Control", "max-age=7")},
		{name: "a caller's, public", config: cacheDefaults, caller: "alice", header: headers("Cache-Control", "public, max-age=7"), want: 7 * time.Second},
		{name: "a caller's, s-maxage", config: cacheDefaults, caller: "alice", header: headers("Cache-Control", "s-maxage=7"), want: 7 * time.Second},
		{name: "a caller's, must-revalidate alone", config: cacheDefaults, caller: "alice", header: headers("Cache-Control", "must-revalidate")},
		{name: "a caller's, must-revalidate", config: cacheDefaults, caller: "alice", header: headers("Cache-Control", "must-revalidate, max-age=7"), want: 7 * time.Second},
		{name: "a caller's, the op's TTL", config: perOp(5 * time.Second), caller: "alice", want: 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
					return &backend.Response{Status: 200, Header: c.header, Body: []byte("answer")}, nil
				}}
				send := caching(t, c.config, metrics(), service.send)
				req := get()
				req.Caller = c.caller
				_, _ = send(t.Context(), req)
				time.Sleep(c.want - time.Nanosecond)
				_, _ = send(t.Context(), req)
				if kept := service.calls() == 1; kept != (c.want > 0) {
					t.Fatalf("kept: %v", kept)
				}
				time.Sleep(time.Nanosecond)
				if _, _ = send(t.Context(), req); c.want > 0 && service.calls() != 2 {
					t.Errorf("kept longer than %v", c.want)
				}
			})
		})
	}
}

func TestWhatPassesTheCacheBy(t *testing.T) {
	with := func(change func(*backend.Request)) *backend.Request {
		req := get()
		change(req)
		return req
	}
	for name, req := range map[string]*backend.Request{
		"unsafe":      post(),
		"an upload":   with(func(r *backend.Request) { r.Upload = strings.NewReader("") }),
		"a range":     with(func(r *backend.Request) { r.Header = headers("Range", "bytes=0-1") }),
		"a state":     with(func(r *backend.Request) { r.Stream, r.Header = true, headers("If-Match", `"a"`) }),
		"conditional": with(func(r *backend.Request) { r.Header = headers("If-None-Match", `"a"`) }),
		"no-cache":    with(func(r *backend.Request) { r.Header = headers("Cache-Control", "no-cache") }),
	} {
		t.Run(name, func(t *testing.T) {
			service, m := &stub{}, metrics()
			send := caching(t, cacheDefaults, m, service.send)
			for range 2 {
				if _, err := send(t.Context(), req); err != nil {
					t.Fatal(err)
				}
			}
			if service.calls() != 2 {
				t.Errorf("%d calls", service.calls())
			}
			if n := observetest.Sum(t, m.Registry(), "facet_cache_lookups_total", "bypass"); n != 2 {
				t.Errorf("%v bypasses counted", n)
			}
		})
	}
}

func TestWhatTellsRequestsApart(t *testing.T) {
	service := &stub{}
	send := caching(t, CacheConfig{MaxEntry: 1 << 20, Ops: only("product", time.Minute)}, metrics(), service.send)
	want := 0
	for _, change := range []func(*backend.Request){
		func(*backend.Request) {},
		func(r *backend.Request) { r.Path = "/p/2" },
		func(r *backend.Request) { r.Caller = "alice" },
		func(r *backend.Request) { r.Caller = "bob" },
		func(r *backend.Request) { r.Header = headers("Accept-Language", "de") },
		func(r *backend.Request) { r.Service = "prices" },
		func(r *backend.Request) { r.Method, r.Body = http.MethodPost, []byte("a search") },
		func(r *backend.Request) { r.Stream = true },
	} {
		want++
		for range 2 {
			req := get()
			change(req)
			if _, err := send(t.Context(), req); err != nil {
				t.Fatal(err)
			}
		}
		if service.calls() != want {
			t.Fatalf("%d calls, want %d", service.calls(), want)
		}
	}
}

func TestWhatIsNotKept(t *testing.T) {
	for name, answer := range map[string]func(context.Context, int) (*backend.Response, error){
		"a failure": func(context.Context, int) (*backend.Response, error) {
			return nil, &fault.Error{Kind: fault.Rejected, Status: 404}
		},
		"a large answer": func(context.Context, int) (*backend.Response, error) {
			return &backend.Response{Status: 200, Body: make([]byte, 11)}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			service := &stub{answer: answer}
			send := caching(t, CacheConfig{TTL: time.Minute, MaxEntry: 10}, metrics(), service.send)
			for range 2 {
				_, _ = send(t.Context(), get())
			}
			if service.calls() != 2 {
				t.Errorf("%d calls", service.calls())
			}
		})
	}
}

func TestAHitIsSeen(t *testing.T) {
	m := metrics()
	send := caching(t, cacheDefaults, m, (&stub{}).send)
	notes := observe.NewRequest(nil)
	ctx, step := notes.StartStep(t.Context(), "product")
	first, _ := send(ctx, get())
	second, _ := send(ctx, get())
	if first != second {
		t.Error("the answer was copied")
	}
	step.Done()
	if timing := notes.ServerTiming(); !strings.Contains(timing, "cached=1") {
		t.Errorf("Server-Timing: %s", timing)
	}
	for _, result := range []string{"miss", "hit"} {
		if n := observetest.Sum(t, m.Registry(), "facet_cache_lookups_total", "catalog", "product", result); n != 1 {
			t.Errorf("%v times %s", n, result)
		}
	}
}

// A flight that lands between a caller's look-up and its own flight has filled the cache.
func TestFillLooksAgain(t *testing.T) {
	service := &stub{}
	_, fill := Cache(cacheDefaults, nil, Shared{Store: newStore(t), Metrics: metrics()})
	send := fill(service.send)
	first, _ := send(t.Context(), get())
	second, _ := send(t.Context(), get())
	if &first.Body[0] != &second.Body[0] || first.Kept != nil || second.Kept == nil || service.calls() != 1 {
		t.Errorf("%d calls; %+v, then %+v", service.calls(), first, second)
	}
}

// A body counts how far it was read and how often it was closed.
type body struct {
	io.Reader
	read, closed int
}

func (b *body) Read(p []byte) (n int, err error) {
	n, err = b.Reader.Read(p)
	b.read += n
	return n, err
}

func (b *body) Close() error { b.closed++; return nil }

func streamed() *backend.Request {
	req := get()
	req.Op, req.Stream = "assets", true
	return req
}

func TestAStreamedAnswer(t *testing.T) {
	const most = 10
	for _, c := range []struct {
		name   string
		status int
		text   string
		size   int64
		header http.Header
		read   int // before the caller reads
		kept   bool
	}{
		{"small", 200, "0123456789", 10, nil, 10, true},
		{"small, of unknown size", 200, "0123456789", -1, nil, 10, true},
		{"empty", 204, "", 0, nil, 0, true},
		{"large", 200, "0123456789X", 11, nil, 0, false},
		{"large, of unknown size", 200, "0123456789XYZ", -1, nil, 11, false},
		{"not storable", 200, "0123456789", 10, headers("Cache-Control", "no-store"), 0, false},
		{"an error that is silent", 404, "none", 4, nil, 0, false},
		{"an error that says so", 404, "none", 4, headers("Cache-Control", "max-age=9"), 4, true},
		{"events", 200, "data: 1", -1, headers("Content-Type", "text/event-stream; charset=utf-8"), 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var source *body
				service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
					source = &body{Reader: strings.NewReader(c.text)}
					return &backend.Response{Status: c.status, Header: c.header, Stream: source, Size: c.size}, nil
				}}
				send := caching(t, CacheConfig{TTL: time.Minute, MaxEntry: most}, metrics(), service.send)
				for i := range 2 {
					res, err := send(t.Context(), streamed())
					if err != nil {
						t.Fatal(err)
					}
					if hit := i == 1 && c.kept; !hit && source.read != c.read {
						t.Errorf("%d bytes were read", source.read)
					}
					if got := read(t, res); got != c.text || res.Status != c.status {
						t.Errorf("%d %q", res.Status, got)
					}
					if (res.Stream == nil) != c.kept {
						t.Errorf("complete: %v", res.Stream == nil)
					}
					if source.closed != 1 {
						t.Errorf("closed %d times", source.closed)
					}
				}
				if kept := service.calls() == 1; kept != c.kept {
					t.Errorf("kept: %v", kept)
				}
			})
		})
	}
}

// read is the whole body of an answer, which it closes.
func read(t *testing.T, res *backend.Response) string {
	t.Helper()
	if res.Stream == nil {
		return string(res.Body)
	}
	defer res.Stream.Close()
	all, err := io.ReadAll(res.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestAStreamedAnswersAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		original := headers("Cache-Control", "max-age=60", "Age", "5", "Content-Type", "image/png")
		service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
			return &backend.Response{Status: 200, Header: original, Stream: io.NopCloser(strings.NewReader("x")), Size: 1}, nil
		}}
		send := caching(t, cacheDefaults, metrics(), service.send)
		_, _ = send(t.Context(), streamed())
		time.Sleep(7*time.Second + 900*millis)
		res, err := send(t.Context(), streamed())
		if err != nil || service.calls() != 1 {
			t.Fatalf("%v, %d calls", err, service.calls())
		}
		if age := res.Header["Age"]; len(age) != 1 || age[0] != "12" {
			t.Errorf("Age: %q", age)
		}
		if res.Header.Get("Content-Type") != "image/png" || original.Get("Age") != "5" {
			t.Error("the other headers changed, or the shared ones")
		}
	})
}

func TestAStreamThatBreaksOff(t *testing.T) {
	for _, c := range []struct {
		name string
		gone bool
		want fault.Kind
	}{{"by the service", false, fault.Broken}, {"by the caller", true, fault.Gone}} {
		t.Run(c.name, func(t *testing.T) {
			source := &body{Reader: io.MultiReader(strings.NewReader("half"), broken{})}
			service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
				return &backend.Response{Status: 200, Stream: source, Size: -1}, nil
			}}
			send := caching(t, cacheDefaults, metrics(), service.send)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.gone {
				cancel()
			}
			for range 2 { // it is not kept either
				_, err := send(ctx, streamed())
				wantNamed(t, err, c.want)
			}
			if source.closed != 2 || service.calls() != 2 {
				t.Errorf("closed %d times in %d calls", source.closed, service.calls())
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestAnEntryCostsWhatItHolds(t *testing.T) {
	e := &Entry{res: &backend.Response{Header: headers("Name", strings.Repeat("v", 1000)), Body: make([]byte, 2000)}}
	if cost := e.Cost(); cost < 3000 || cost > 4000 {
		t.Errorf("%d", cost)
	}
}
