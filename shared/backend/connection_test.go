package backend_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// listen runs serve for each connection and returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// raw is a Sender to a service that answers every request with text and hangs up.
func raw(t *testing.T, text string) backend.Sender {
	t.Helper()
	return sendTo(t, "http://"+listen(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4<<10))
		_, _ = io.WriteString(c, text)
		_ = c.Close()
	}), nil)
}

func TestUnreachable(t *testing.T) {
	silent := listen(t, func(c net.Conn) { t.Cleanup(func() { _ = c.Close() }) })
	gone, _ := net.Listen("tcp", "127.0.0.1:0")
	_ = gone.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = quiet
	unknown.StartTLS()
	t.Cleanup(unknown.Close)
	hangUp := listen(t, func(c net.Conn) { _ = c.Close() })

	for name, base := range map[string]string{
		"refused":                     "http://" + gone.Addr().String(),
		"no such name":                "http://nowhere.invalid",
		"certificate of nobody":       unknown.URL,
		"no TLS there":                "https" + plain.URL[len("http"):],
		"hangs up in the handshake":   "https://" + hangUp,
		"says nothing in a handshake": "https://" + silent,
	} {
		t.Run(name, func(t *testing.T) {
			req := get()
			req.Method, req.Body, req.Safe = http.MethodPost, []byte("{}"), false
			start := time.Now()
			_, err := sendTo(t, base, nil)(t.Context(), req)
			wantKind(t, err, fault.Unreachable)
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("took %v: the dial timeout does not hold", took)
			}
		})
	}
}

func TestDialTimeout(t *testing.T) {
	pool := backend.NewPool(connections(time.Nanosecond), nil)
	send := at("http://"+listen(t, func(net.Conn) {}), pool.Send)
	_, err := send(t.Context(), get())
	wantKind(t, err, fault.Unreachable)
}

// A dialer that goes by the caller's deadline may notice it before the context does.
func TestDeadlineWhileDialing(t *testing.T) {
	pool := &http.Transport{}
	pool.DialContext = func(context.Context, string, string) (net.Conn, error) {
		time.Sleep(20 * time.Millisecond)
		return nil, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	}
	ctx := lateDone{t.Context(), time.Now().Add(20 * time.Millisecond)}
	_, err := at("http://shop", backend.Transport(pool, maxResponse, nil))(ctx, get())
	wantKind(t, err, fault.TooSlow)
}

// A lateDone has a deadline that does not end it yet.
type lateDone struct {
	context.Context
	at time.Time
}

func (c lateDone) Deadline() (time.Time, bool) { return c.at, true }

func TestBreaksOff(t *testing.T) {
	for name, text := range map[string]string{
		"before the answer": "",
		"in the headers":    "HTTP/1.1 200 OK\r\nContent-Le",
		"in the body":       "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":",
		"in a chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"half\":",
		"between chunks":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
		"no HTTP":           "220 mail.example ESMTP\r\n",
		"endless headers":   "HTTP/1.1 200 OK\r\nX: " + string(make([]byte, 70<<10)),
	} {
		_, err := raw(t, text)(t.Context(), get())
		if f := fault.From(err); f == nil || f.Kind != fault.Broken {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A connection that was reset after the request is no reason to send an order again.
func TestResetAfterTheRequest(t *testing.T) {
	var asked atomic.Int32
	base := "http://" + listen(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4<<10))
		asked.Add(1)
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	})
	req := get()
	req.Method, req.Body, req.Safe = http.MethodPost, []byte("{}"), false
	_, err := sendTo(t, base, nil)(t.Context(), req)
	wantKind(t, err, fault.Broken)
	if asked.Load() != 1 {
		t.Errorf("it was sent %d times", asked.Load())
	}
}

func TestTime(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	}
	begin := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "{")
		w.(http.Flusher).Flush()
		hang(w, r)
	}
	silent := "http://" + listen(t, func(c net.Conn) { t.Cleanup(func() { _ = c.Close() }) })
	for name, send := range map[string]backend.Sender{
		"before the answer": serve(t, hang), "in the body": serve(t, begin), "never answered": sendTo(t, silent, nil),
	} {
		late, stop := context.WithTimeout(t.Context(), 30*time.Millisecond)
		_, err := send(late, get())
		wantKind(t, err, fault.TooSlow)
		stop()

		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Millisecond, leave)
		_, err = send(gone, get())
		if f := fault.From(err); f == nil || f.Kind != fault.Gone {
			t.Errorf("%s, cancelled: %v", name, err)
		}
	}
}

func TestNothingIsSentWithoutTime(t *testing.T) {
	asked := false
	send := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	over, stop := context.WithTimeout(t.Context(), 0)
	defer stop()
	_, err := send(over, get())
	wantKind(t, err, fault.TooSlow)

	gone, leave := context.WithTimeout(t.Context(), 500*time.Microsecond)
	leave()
	_, err = send(gone, get())
	wantKind(t, err, fault.Gone)
	if asked {
		t.Error("something was sent")
	}
}
