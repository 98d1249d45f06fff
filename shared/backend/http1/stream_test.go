package http1_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

func TestStreams(t *testing.T) {
	const part = 20_000
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sized":
			w.Header().Set("Content-Length", "60000")
		case "/closing":
			w.Header().Set("Connection", "close")
		case "/short":
			_, _ = io.WriteString(w, "hello")
			return
		}
		for range 3 {
			_, _ = io.WriteString(w, strings.Repeat("x", part))
			w.(http.Flusher).Flush()
		}
	})
	c, dials := newClient(t, address, nil)
	ask := func(path string) (http1.Response, []byte, error) {
		t.Helper()
		req := get(path)
		req.Stream = true
		res, err := c.Do(late{t.Context(), time.Now().Add(time.Minute)}, req)
		if err != nil {
			t.Fatal(err)
		}
		if res.Stream == nil {
			return res, res.Body, nil
		}
		defer res.Stream.Close()
		body, err := io.ReadAll(res.Stream)
		return res, body, err
	}
	for _, tt := range []struct {
		path string
		size int64
		want int
	}{{"/sized", 60_000, 3 * part}, {"/chunked", -1, 3 * part}, {"/short", 0, 5}, {"/sized", 60_000, 3 * part}} {
		res, body, err := ask(tt.path)
		if err != nil || res.Size != tt.size || len(body) != tt.want {
			t.Errorf("%s: %d of %d bytes, %v", tt.path, len(body), res.Size, err)
		}
	}
	if dials.Load() != 1 {
		t.Errorf("%d connections for streams that were read to their ends", dials.Load())
	}
	if _, body, err := ask("/closing"); err != nil || len(body) != 3*part {
		t.Errorf("closing: %d bytes, %v", len(body), err)
	}
	for range 2 { // one that is given up is not used again
		req := get("/sized")
		req.Stream = true
		res, err := c.Do(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Stream.Close()
		if _, err := res.Stream.Read(make([]byte, 1)); err == nil {
			t.Error("a closed stream can be read")
		}
	}
	if dials.Load() != 3 {
		t.Errorf("%d connections", dials.Load())
	}
}

func TestStreamsThatBreakOff(t *testing.T) {
	for name, answer := range map[string]string{
		"sized":    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf",
		"in chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
		"chunks":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"too long": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhalf\r\n0\r\n\r\n",
	} {
		c, _ := newClient(t, script(t, answer), nil)
		req := get("/")
		req.Stream = true
		res, err := c.Do(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(res.Stream); err == nil || len(body) > 4 {
			t.Errorf("%s: %q, %v", name, body, err)
		}
		_ = res.Stream.Close()
	}
	c, _ := newClient(t, script(t, "HTTP/1.1 200 OK\r\n\r\nto the end"), nil)
	req := get("/")
	req.Stream = true
	res, err := c.Do(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Stream.Close()
	if body, err := io.ReadAll(res.Stream); err != nil || string(body) != "to the end" {
		t.Errorf("%q, %v", body, err)
	}
}

// Chunks that have come together are read together, and what has come is not held back for what
// has not.
func TestStreamsGiveAllThatHasCome(t *testing.T) {
	const chunk = "5\r\nhello\r\n"
	for name, tt := range map[string]struct {
		comes string
		reads int
	}{
		"whole chunks":        {strings.Repeat(chunk, 200), 1},
		"half a line":         {strings.Repeat(chunk, 200) + "5", 1},
		"a line":              {strings.Repeat(chunk, 200) + "5\r\n", 1},
		"a line and a byte":   {strings.Repeat(chunk, 200) + "5\r\nh", 1},
		"an extension's half": {strings.Repeat(chunk, 200) + "5;x", 1},
		"all":                 {strings.Repeat(chunk, 200) + "0\r\n\r\n", 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := piped(t, func(conn net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+tt.comes)
					time.Sleep(time.Hour)
					_ = conn.Close()
				}
			})
			r := get("/")
			r.Stream = true
			res, err := c.Do(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			began, got, reads, buf := time.Now(), 0, 0, make([]byte, 4<<10)
			for got < 1000 && err == nil {
				var n int
				n, err = res.Stream.Read(buf)
				got += n
				reads++
			}
			if took := time.Since(began); took != 0 || reads > tt.reads || got < 1000 {
				t.Errorf("%s: %d bytes in %d reads, %v, after %v", name, got, reads, err, took)
			}
			_ = res.Stream.Close()
			time.Sleep(2 * time.Hour) // until the service has noticed
		})
	}
}
