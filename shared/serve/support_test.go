package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// soon is far more than anything here takes that is not stuck.
const soon = 10 * time.Second

var discard = slog.New(slog.DiscardHandler)

// config has limits that a test can wait for.
func config() Config {
	return Config{
		Address: "127.0.0.1:0", HeaderTimeout: time.Minute, BodyTimeout: time.Minute, WriteTimeout: time.Minute,
		IdleTimeout: time.Minute, MaxHeader: 4 << 10, Drain: Drain{Timeout: time.Minute},
	}
}

// A running server, and how it ends.
type running struct {
	*Server
	public, management string // addresses
	stop               context.CancelFunc
	result             chan error
}

func start(t *testing.T, c Config, public http.HandlerFunc) *running {
	t.Helper()
	s := &Server{Config: c, Public: public, Management: http.NotFoundHandler(), Log: discard}
	front, back, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r := &running{
		Server: s, public: front.Addr().String(), management: back.Addr().String(),
		stop: stop, result: make(chan error, 1),
	}
	go func() { r.result <- s.Run(ctx, front, back) }()
	return r
}

// ended stops the server and returns what Run returned.
func (r *running) ended(t *testing.T) error {
	t.Helper()
	r.stop()
	select {
	case err := <-r.result:
		return err
	case <-time.After(soon):
		t.Fatal("the server does not end")
		return nil
	}
}

// newClient returns a client whose connections end with the test.
func newClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: soon}
}

// get returns the status and whether the server asked to close the connection.
func get(c *http.Client, address string) (status int, closing bool, err error) {
	res, err := c.Get("http://" + address + "/")
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Close, err
}

// send opens a connection, sends text, and returns everything that comes back until the
// server closes, and how long that took.
func send(t *testing.T, address, text string) (answer string, took time.Duration) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(soon))
	started := time.Now()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(conn)
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		t.Fatalf("the server keeps the connection, after %q", b)
	}
	return string(b), time.Since(started)
}
