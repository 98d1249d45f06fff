package serve

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A server that is told to stop first says that it is not ready, goes on for the delay,
// then closes its listener, and lets what is under way finish.
func TestDrain(t *testing.T) {
	c := config()
	c.Drain.Delay = 300 * time.Millisecond
	entered, release := make(chan struct{}), make(chan struct{})
	r := start(t, c, func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Wait") != "" {
			close(entered)
			<-release
		}
	})
	client := newClient(t)
	if status, closing, err := get(client, r.public); status != http.StatusOK || closing || err != nil || r.Ready() != nil {
		t.Fatalf("before: %d, %v, %v, %v", status, closing, err, r.Ready())
	}
	underWay := make(chan error, 1)
	go func() {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.public, nil)
		request.Header.Set("X-Wait", "1")
		res, err := client.Do(request)
		if err == nil {
			err = res.Body.Close()
		}
		underWay <- err
	}()
	<-entered

	r.stop()
	waitFor(t, "not ready", func() bool { return r.Ready() != nil })
	if status, closing, err := get(client, r.public); status != http.StatusOK || !closing || err != nil {
		t.Errorf("during the delay: %d, closing %v, %v", status, closing, err)
	}
	if status, _, err := get(client, r.management); status != http.StatusNotFound || err != nil {
		t.Errorf("operators during the delay: %d, %v", status, err)
	}
	waitFor(t, "listener closed", func() bool {
		conn, err := net.Dial("tcp", r.public)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	select {
	case err := <-r.result:
		t.Fatalf("ended with a request under way: %v", err)
	default:
	}
	close(release)
	if err := <-underWay; err != nil {
		t.Errorf("the request that was under way: %v", err)
	}
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
	if _, _, err := get(client, r.management); err == nil {
		t.Error("the management listener is still open")
	}
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(soon); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestDrainTimeout(t *testing.T) {
	c := config()
	c.Drain.Timeout = 50 * time.Millisecond
	entered, left := make(chan struct{}), make(chan struct{})
	r := start(t, c, func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		close(left)
	})
	cut := make(chan error, 1)
	go func() {
		_, _, err := get(newClient(t), r.public)
		cut <- err
	}()
	<-entered
	if err := r.ended(t); err == nil || !strings.Contains(err.Error(), "cut off after 50ms (server.drain.timeout)") {
		t.Errorf("got %v", err)
	}
	if err := <-cut; err == nil {
		t.Error("the request that was cut off has an answer")
	}
	<-left
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := taken.Addr().String()

	s := &Server{Config: Config{Address: port}}
	if _, _, err := s.Listen("127.0.0.1:0"); err == nil || !strings.HasPrefix(err.Error(), "server.address: ") || !strings.Contains(err.Error(), port) {
		t.Errorf("got %v", err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = free.Close()
	s = &Server{Config: Config{Address: free.Addr().String()}}
	if _, _, err := s.Listen(port); err == nil || !strings.HasPrefix(err.Error(), "management.address: ") || !strings.Contains(err.Error(), port) {
		t.Errorf("got %v", err)
	}
	again, err := net.Listen("tcp", free.Addr().String())
	if err != nil {
		t.Fatalf("the public listener was left open: %v", err)
	}
	_ = again.Close()
}

// When one of the listeners fails, the server ends with its error.
func TestListenerFails(t *testing.T) {
	s := &Server{Config: config(), Public: http.NotFoundHandler(), Management: http.NotFoundHandler(), Log: discard}
	s.Config.Drain.Delay = time.Hour // nobody can come any more, so it does not count
	front, back, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = front.Close()
	if err := s.Run(t.Context(), front, back); err == nil {
		t.Error("no error")
	}
}
