package http1_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// The limit of a head does not depend on how much of it is read at once.
func TestHeadsHaveAnExactLimit(t *testing.T) {
	const most = 16 << 10 // of exchange
	const rest = len("HTTP/1.1 200 OK\r\nX: \r\nContent-Length: 2\r\n\r\n")
	for _, buffer := range []int{0, 100, most, 10 * most} {
		for _, size := range []int{rest, most - 1, most, most + 1, 2 * most, 9 * most} {
			r, room := get("/"), make([]byte, buffer)
			r.Buffer = &room
			_, err := exchange([]byte("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", size-rest)+"\r\nContent-Length: 2\r\n\r\nok"), r)
			if size <= most && err != nil || size > most && !errors.Is(err, http1.ErrTooLarge) {
				t.Errorf("%d bytes into a buffer of %d: %v", size, buffer, err)
			}
		}
	}
}

func TestBodiesHaveAnExactLimit(t *testing.T) {
	const most = 100
	for _, size := range []int{0, 1, most - 1, most, most + 1} {
		body := strings.Repeat("x", size)
		for name, answer := range map[string]string{
			"length":      "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(size) + "\r\n\r\n" + body,
			"chunks":      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", size) + "0\r\n\r\n",
			"to the end":  "HTTP/1.1 200 OK\r\n\r\n" + body,
			"interim too": "HTTP/1.1 103 Early Hints\r\nX: " + body + "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(size) + "\r\n\r\n" + body,
		} {
			r := get("/")
			r.MaxBody = most
			res, err := exchange([]byte(answer), r)
			if size <= most && (err != nil || string(res.Body) != body) || size > most && !errors.Is(err, http1.ErrTooLarge) {
				t.Errorf("%s, %d bytes: %d bytes, %v", name, size, len(res.Body), err)
			}
			// The limit is for complete answers, even if all of a streamed one is there at once.
			r = get("/")
			r.MaxBody, r.Stream = most, true
			if streamed, err := exchangeStream([]byte(answer), r); err != nil || string(streamed) != body {
				t.Errorf("%s, %d bytes as a stream: %d bytes, %v", name, size, len(streamed), err)
			}
		}
	}
}

// What frames a chunk may not cost much more than what is in it.
func TestChunksMustBeWorthTheirFrames(t *testing.T) {
	const tiny = "1\r\nx\r\n"
	for name, tt := range map[string]struct {
		chunks string
		ok     bool
	}{
		"a byte each":             {strings.Repeat(tiny, 10_000), true},
		"extensions":              {strings.Repeat("1;"+strings.Repeat("x", 12)+"\r\nx\r\n", 10_000), true},
		"long extensions":         {strings.Repeat("1;"+strings.Repeat("x", 50)+"\r\nx\r\n", 700), false},
		"a long extension":        {"1;" + strings.Repeat("x", 4000) + "\r\nx\r\n", true},
		"one that is too long":    {"1;" + strings.Repeat("x", 4200) + "\r\nx\r\n", false},
		"an extension behind all": {strings.Repeat(tiny, 10_000) + "1;" + strings.Repeat("x", 4200) + "\r\nx\r\n", false},
	} {
		for _, buffer := range []int{0, 256 << 10} {
			r, room := get("/"), make([]byte, buffer)
			r.Buffer = &room
			_, err := exchange([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+tt.chunks+"0\r\n\r\n"), r)
			if tt.ok && err != nil || !tt.ok && !errors.Is(err, http1.ErrTooLarge) {
				t.Errorf("%s, into a buffer of %d: %v", name, buffer, err)
			}
		}
	}
}
