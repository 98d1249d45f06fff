package backend_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

const secret = "stack trace of db-7.internal"

// statusServer answers with the status that the path names.
func statusServer(t *testing.T) backend.Sender {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.URL.Path[1:])
		if status/100 == 3 {
			w.Header().Set("Location", "/200")
		}
		w.WriteHeader(status)
		if status != http.StatusNoContent && status != http.StatusNotModified {
			fmt.Fprint(w, secret)
		}
	})
}

func TestStatuses(t *testing.T) {
	send := statusServer(t)
	for _, c := range []struct {
		status  int
		caller  string
		kind    fault.Kind
		exposed int
	}{
		{400, "", fault.Rejected, 400},
		{404, "", fault.Rejected, 404},
		{409, "", fault.Rejected, 409},
		{422, "", fault.Rejected, 422},
		{401, "", fault.Refused, 502},
		{403, "", fault.Refused, 502},
		{401, "u1", fault.RefusedCaller, 401},
		{403, "u1", fault.RefusedCaller, 403},
		{408, "", fault.TooSlow, 504},
		{410, "", fault.Refused, 502},
		{418, "u1", fault.Refused, 502},
		{429, "u1", fault.Throttled, 503},
		{500, "", fault.Broken, 502},
		{501, "", fault.Broken, 502},
		{503, "", fault.Broken, 502},
		{301, "", fault.Broken, 502}, // not followed: nobody has checked where it leads
		{302, "", fault.Broken, 502},
		{304, "", fault.Broken, 502},
		{307, "", fault.Broken, 502},
	} {
		req := get()
		req.Path, req.Caller = fmt.Sprintf("/%d", c.status), c.caller
		res, err := send(t.Context(), req)
		f := faultOf(t, err, c.kind)
		if res != nil || f.HTTPStatus() != c.exposed || f.RetryAfter != 0 {
			t.Errorf("%d: exposed as %d", c.status, f.HTTPStatus())
		}
		if strings.Contains(err.Error()+f.Detail, secret) {
			t.Errorf("%d: the backend's text is passed on: %v", c.status, err)
		}
	}
	for _, status := range []int{200, 201, 202, 204, 206} {
		req := get()
		req.Path = fmt.Sprintf("/%d", status)
		if res, err := send(t.Context(), req); err != nil || res.Status != status {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestSwitchingProtocolsIsNoAnswer(t *testing.T) {
	_, err := raw(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")(t.Context(), get())
	wantKind(t, err, fault.Broken)
}

func TestRetryAfter(t *testing.T) {
	const longest = 24 * time.Hour
	var header string
	send := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", header)
		w.WriteHeader(http.StatusTooManyRequests)
	})
	for h, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 0, "-5": 0, "": 0, "soon": 0, "1.5": 0,
		"99999999999999": longest, "99999999999999999999999": 0,
		time.Now().Add(time.Minute).UTC().Format(http.TimeFormat):                  time.Minute,
		time.Now().Add(-time.Minute).UTC().Format(http.TimeFormat):                 0,
		time.Now().AddDate(900, 0, 0).UTC().Format(http.TimeFormat):                longest,
		time.Now().Add(time.Minute).UTC().Format("Monday, 02-Jan-06 15:04:05 GMT"): time.Minute,
	} {
		header = h
		_, err := send(t.Context(), get())
		if got := faultOf(t, err, fault.Throttled).RetryAfter; got > want || got < want-2*time.Second {
			t.Errorf("%q: got %v, want %v", h, got, want)
		}
	}
}

// Too much is the service's failure, and is not read.
func TestAnswersAreBounded(t *testing.T) {
	written := make(chan int, 1)
	send := serve(t, func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.URL.Path[1:])
		if r.URL.RawQuery == "declared" {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		} else {
			w.(http.Flusher).Flush()
		}
		chunk, total := bytes.Repeat([]byte(" "), 1<<10), 0
		for left := size; left > 0; left -= len(chunk) {
			n, err := w.Write(chunk[:min(left, len(chunk))])
			if total += n; err != nil {
				break
			}
		}
		written <- total
	})
	const endless = 64 << 20
	for _, c := range []struct {
		path string
		size int
		ok   bool
	}{
		{"/%d?declared", maxResponse, true},
		{"/%d", maxResponse, true},
		{"/%d?declared", maxResponse + 1, false},
		{"/%d", maxResponse + 1, false},
		{"/%d?declared", endless, false},
		{"/%d", endless, false},
	} {
		req := get()
		req.Path = fmt.Sprintf(c.path, c.size)
		res, err := send(t.Context(), req)
		if c.ok {
			if err != nil || len(res.Body) != c.size {
				t.Errorf("%s: %v", req.Path, err)
			}
		} else if wantKind(t, err, fault.Broken); !strings.Contains(err.Error(), "max_response") {
			t.Errorf("%s: the error does not name the setting: %v", req.Path, err)
		}
		if n := <-written; n > endless/2 {
			t.Errorf("%s: the service could write %d bytes", req.Path, n)
		}
	}
}

// Check runs inside the chain, on complete answers, and what it refuses is Broken.
func TestCheck(t *testing.T) {
	send := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "answer") })
	for _, refusal := range []error{errors.New("no"), &fault.Error{Kind: fault.Rejected}, nil} {
		req, asked := get(), ""
		req.Checker = checker(func(res *backend.Response) error {
			asked = string(res.Body)
			return refusal
		})
		res, err := send(t.Context(), req)
		if asked != "answer" || (err == nil) != (refusal == nil) || (res == nil) != (err != nil) {
			t.Errorf("got %v, %v", res, err)
		}
		if refusal != nil {
			wantKind(t, err, fault.Broken)
		}
	}
}

// What a service says that it will send costs no memory until it does.
func TestASizeThatIsOnlyClaimedCostsLittle(t *testing.T) {
	const claimed = 1 << 28
	send := backend.Transport(claiming(claimed), claimed, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := at("http://shop", send)(t.Context(), get())
	runtime.ReadMemStats(&after)
	wantKind(t, err, fault.Broken)
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 4<<20 {
		t.Errorf("%d bytes of memory", cost)
	}
}

// claiming answers with so many bytes, of which one comes.
type claiming int64

func (c claiming) RoundTrip(*http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader("["), failing{io.ErrUnexpectedEOF})
	return &http.Response{StatusCode: 200, ContentLength: int64(c), Body: io.NopCloser(body)}, nil
}

// Nobody raises a limit that was not met.
func TestWhatIsTooLargeIsNamed(t *testing.T) {
	for name, text := range map[string]string{
		"head":   "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 70<<10) + "\r\nContent-Length: 2\r\n\r\n{}",
		"chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat("x", 5000) + "\r\n{}\r\n0\r\n\r\n",
	} {
		_, err := raw(t, text)(t.Context(), get())
		wantKind(t, err, fault.Broken)
		if !strings.Contains(err.Error(), "its "+name) || strings.Contains(err.Error(), "max_response") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
