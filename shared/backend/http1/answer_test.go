package http1_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// answers are what a server may say, well and badly.
var answers = []struct {
	name, text string
	ok         bool
	body       string
}{
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true, "ok"},
	{"no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", true, "ok"},
	{"to the end", "HTTP/1.1 200 OK\r\n\r\nall of it", true, "all of it"},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n", true, "ok0123456789"},
	{"interim", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true, "ok"},
	{"empty", "HTTP/1.1 204 No Content\r\n\r\n", true, ""},
	{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", true, ""},
	{"both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false, ""},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", false, ""},
	{"list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", false, ""},
	{"signed length", "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok", false, ""},
	{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", false, ""},
	{"huge length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok", false, ""},
	{"short", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", false, ""},
	{"other coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", false, ""},
	{"folded", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", false, ""},
	{"space before colon", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", false, ""},
	{"bare LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", false, ""},
	{"NUL", "HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 2\r\n\r\nok", false, ""},
	{"other protocol", "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false, ""},
	{"status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok", false, ""},
	{"switching", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false, ""},
	{"interim without end", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 20), false, ""},
	{"chunk too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n", false, ""},
	{"chunk size too large", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nok\r\n0\r\n\r\n", false, ""},
	{"CR in a chunk's line", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a\rb\r\nok\r\n0\r\n\r\n", false, ""},
	{"space in a chunk's line", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 ;a\r\nok\r\n0\r\n\r\n", false, ""},
	{"space behind a chunk's size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n", true, "ok"},
	{"signed chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\nok\r\n0\r\n\r\n", false, ""},
	{"bare LF in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n", false, ""},
	{"trailers", "HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n", true, "ok"},
	{"a length as trailer", "HTTP/1.1 200 OK\r\nTrailer: X, Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false, ""},
	{"trailer without a colon", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX\r\n\r\n", false, ""},
	{"trailers without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n", false, ""},
	{"closing", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok", true, "ok"},
	{"kept alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", true, "ok"},
	{"interim with a length", "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true, "ok"},
	{"CR in a name", "HTTP/1.1 200 OK\r\nX\r: a\r\nContent-Length: 2\r\n\r\nok", false, ""},
	{"CR in a value", "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\nok", false, ""},
	{"chunks without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", false, ""},
	{"nothing", "", false, ""},
	{"nonsense", "hello\r\n\r\n", false, ""},
}

func TestAnswers(t *testing.T) {
	for _, tt := range answers {
		res, err := read([]byte(tt.text))
		if body, err := readStream([]byte(tt.text)); (err == nil) != tt.ok || tt.ok && string(body) != tt.body {
			t.Errorf("%s, as a stream: %q, %v", tt.name, body, err)
		}
		if (err == nil) != tt.ok || tt.ok && string(res.Body) != tt.body {
			t.Errorf("%s: %v, %v", tt.name, res, err)
		}
		if err != nil && strings.Contains(err.Error(), "okay") {
			t.Errorf("%s: the error repeats the answer: %v", tt.name, err)
		}
	}
}

// FuzzAnswer holds the parser against net/http's: it accepts nothing that net/http
// refuses, and where both accept, status, headers and body are the same.
func FuzzAnswer(f *testing.F) {
	for _, a := range answers {
		f.Add([]byte(a.text))
	}
	for _, text := range odd() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := read(data)
		streamed, streamErr := readStream(data)
		if (err == nil) != (streamErr == nil) || err == nil && !bytes.Equal(got.Body, streamed) {
			t.Fatalf("%q: read at once %v, %v; as a stream %q, %v", data, got, err, streamed, streamErr)
		}
		if err != nil {
			return
		}
		want, _, err := readWithNetHTTP(data, "GET")
		if err != nil {
			t.Fatalf("accepts %q, which net/http refuses: %v", data, err)
		}
		if got.Status != want.Status || !bytes.Equal(got.Body, want.Body) {
			t.Fatalf("%q: status %d, body %q; net/http reads %d, %q", data, got.Status, got.Body, want.Status, want.Body)
		}
		if !sameHeader(got.Header, want.Header) {
			t.Fatalf("%q: headers %q; net/http reads %q", data, got.Header, want.Header)
		}
	})
}

// read has a client read one answer.
func read(data []byte) (http1.Response, error) { return exchange(data, get("/")) }

// readStream has a client read one answer as a stream, to its end.
func readStream(data []byte) ([]byte, error) {
	req := get("/")
	req.Stream = true
	return exchangeStream(data, req)
}

func exchangeStream(data []byte, req *http1.Request) ([]byte, error) {
	res, err := exchange(data, req)
	if err != nil || res.Stream == nil {
		return res.Body, err
	}
	defer res.Stream.Close()
	return io.ReadAll(io.LimitReader(res.Stream, 1<<20))
}

func exchange(data []byte, r *http1.Request) (http1.Response, error) {
	c := http1.New("pipe", http1.Options{
		Dial: func(context.Context, string, string) (net.Conn, error) {
			return &canned{Reader: bytes.NewReader(data)}, nil
		},
		MaxConns: 1, IdleTimeout: time.Minute, MaxHeader: 16 << 10,
	})
	defer c.CloseIdle()
	return c.Do(context.Background(), r)
}

// readWithNetHTTP skips interim answers, as a client does. It reports whether the connection
// could be used again.
func readWithNetHTTP(data []byte, method string) (got http1.Response, again bool, err error) {
	r := bufio.NewReader(bytes.NewReader(data))
	for {
		res, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return got, false, err
		}
		if res.StatusCode < 200 && res.StatusCode != 101 {
			continue
		}
		defer res.Body.Close()
		got = http1.Response{Status: res.StatusCode, Header: res.Header}
		got.Body, err = io.ReadAll(res.Body)
		_, rest := r.Peek(1)
		return got, err == nil && !res.Close && rest == io.EOF, err
	}
}

// sameHeader leaves out what net/http takes away where it has understood it, or adds.
func sameHeader(a, b http.Header) bool {
	for _, h := range []http.Header{a, b} {
		h.Del("Connection")
		h.Del("Trailer")
		if h.Get("Pragma") == "no-cache" {
			h.Del("Cache-Control")
		}
	}
	return maps.EqualFunc(a, b, slices.Equal)
}

// canned is a connection to a server that says one thing whatever it is asked.
type canned struct{ *bytes.Reader }

func (*canned) Write(p []byte) (int, error)      { return len(p), nil }
func (*canned) Close() error                     { return nil }
func (*canned) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*canned) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*canned) SetDeadline(time.Time) error      { return nil }
func (*canned) SetReadDeadline(time.Time) error  { return nil }
func (*canned) SetWriteDeadline(time.Time) error { return nil }
func (c *canned) WriteTo(io.Writer) (int64, error) {
	return 0, errors.ErrUnsupported
}
