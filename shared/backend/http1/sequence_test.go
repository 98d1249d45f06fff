package http1_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// A talk is what a server says to one request after the other, however it is connected. It
// comes in pieces.
type talk struct {
	answers [][]byte
	piece   int
	dials   int
	seen    bool // alive would see more of the answer before, where it does not read but look
}

func (s *talk) dial(context.Context, string, string) (net.Conn, error) {
	s.dials++
	return &speaker{talk: s}, nil
}

type speaker struct {
	canned
	*talk
	left []byte
}

func (s *speaker) Write(p []byte) (int, error) {
	s.seen = s.seen || len(s.left) > 0
	s.left, s.answers = s.answers[0], s.answers[1:]
	return len(p), nil
}

func (s *speaker) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.piece)], s.left)
	s.left = s.left[n:]
	return n, nil
}

// FuzzSequence has two answers come one after the other, in pieces, and reads them in pieces.
// A connection is used again only where net/http would, and the second answer is what it would
// be alone.
func FuzzSequence(f *testing.F) {
	for i, a := range answers {
		f.Add([]byte(a.text), []byte(answers[len(answers)-1-i].text), i%3 == 0, i%2 == 0, uint8(i), uint8(i/2))
		f.Add([]byte(a.text), []byte(answers[0].text), i%3 == 1, i%2 == 1, uint8(255), uint8(255))
	}
	for i, text := range odd() {
		f.Add([]byte(text), []byte(answers[0].text), false, i%2 == 0, uint8(255), uint8(1))
	}
	f.Fuzz(func(t *testing.T, first, second []byte, head, stream bool, piece, reads uint8) {
		method := "GET"
		if head {
			method = "HEAD"
		}
		server := &talk{answers: [][]byte{first, second}, piece: int(piece) + 1}
		c := http1.New("fake", http1.Options{Dial: server.dial, MaxConns: 1, MaxIdle: 1, IdleTimeout: time.Minute, MaxHeader: 16 << 10})
		defer c.CloseIdle()
		for i, data := range [][]byte{first, second} {
			r := get("/")
			r.Method, r.Stream, r.Idempotent = method, stream, false
			got, err := doPiecewise(c, r, int(reads)+1)
			want, again, wantErr := readWithNetHTTP(data, method)
			switch {
			case err != nil && i == 1 && server.dials == 1 && len(data) > 0 && wantErr == nil && plainlyGood(data, method):
				t.Fatalf("%q behind %q: %v", data, first, err)
			case err != nil:
			case wantErr != nil:
				t.Fatalf("answer %d: accepts %q, which net/http refuses: %v", i, data, wantErr)
			case got.Status != want.Status || !bytes.Equal(got.Body, want.Body) || !sameHeader(got.Header, want.Header):
				t.Fatalf("answer %d, %q: %v; net/http reads %v", i, data, got, want)
			}
			if i == 0 && err == nil && !again {
				defer func() {
					if server.dials == 1 && !server.seen {
						t.Fatalf("the connection is used again behind %q", first)
					}
				}()
			}
		}
	})
}

// plainlyGood is an answer that is good when it comes alone.
func plainlyGood(data []byte, method string) bool {
	r := get("/")
	r.Method = method
	_, err := exchange(data, r)
	return err == nil
}

// doPiecewise reads an answer's body so many bytes at a time, if it is streamed.
func doPiecewise(c *http1.Client, r *http1.Request, size int) (http1.Response, error) {
	res, err := c.Do(context.Background(), r)
	if err != nil || res.Stream == nil {
		return res, err
	}
	defer res.Stream.Close()
	buf := make([]byte, size)
	for {
		n, err := res.Stream.Read(buf)
		res.Body = append(res.Body, buf[:n]...)
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return res, nil
		case err != nil:
			return res, err
		}
	}
}

// Some services send a body where there cannot be one, and perhaps after a while.
func TestABodyThatCannotBeThereIsNotTheNextAnswer(t *testing.T) {
	for line, dials := range map[string]int{"Content-Length: 44": 2, "Transfer-Encoding: chunked": 2, "Content-Length: 0": 1, "X: y": 1} {
		server := &talk{piece: 1 << 10, answers: [][]byte{
			[]byte("HTTP/1.1 204 No Content\r\n" + line + "\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
		}}
		c, _ := newClient(t, "fake", func(o *http1.Options) { o.Dial = server.dial })
		for range 2 {
			if _, err := c.Do(t.Context(), get("/")); err != nil {
				t.Fatal(err)
			}
		}
		if server.dials != dials {
			t.Errorf("%s: %d connections, want %d", line, server.dials, dials)
		}
	}
}

// A request is sent again once at most: if it may be, and nothing came on a connection that
// had been idle.
func TestWhenARequestIsSentAgain(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for name, tt := range map[string]struct {
		then       []string
		idempotent bool
		works      bool
		left       int // answers that nobody asked for
	}{
		"nothing came":                  {[]string{"", ok}, true, true, 0},
		"nothing came, and again":       {[]string{"", "", ok}, true, false, 1},
		"a byte came":                   {[]string{"H", ok}, true, false, 1},
		"an interim answer came":        {[]string{"HTTP/1.1 103 Early Hints\r\n\r\n", ok}, true, false, 1},
		"half of a body came":           {[]string{ok[:len(ok)-1], ok}, true, false, 1},
		"what came is no answer":        {[]string{"hello\r\n\r\n", ok}, true, false, 1},
		"nothing came, and it may not":  {[]string{"", ok}, false, false, 1},
		"all is well, as if for nought": {[]string{ok, ok}, true, true, 1},
	} {
		for _, stream := range []bool{false, true} {
			server := &talk{piece: 1 << 10, answers: [][]byte{[]byte(ok)}}
			for _, answer := range tt.then {
				server.answers = append(server.answers, []byte(answer))
			}
			c, _ := newClient(t, "fake", func(o *http1.Options) { o.Dial, o.MaxConns = server.dial, 1 })
			if _, err := c.Do(t.Context(), get("/")); err != nil {
				t.Fatal(err)
			}
			r := get("/")
			r.Idempotent, r.Stream, r.Body = tt.idempotent, stream, []byte("body")
			res, err := doPiecewise(c, r, 100)
			if (err == nil) != tt.works || tt.works && string(res.Body) != "ok" || len(server.answers) != tt.left {
				t.Errorf("%s, stream %v: %q, %v, with %d answers left", name, stream, res.Body, err, len(server.answers))
			}
		}
	}
}
