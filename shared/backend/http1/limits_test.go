package http1_test

import (
	"errors"
	"runtime"
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

// A service that says how much it will send has not sent it yet.
func TestALengthThatIsOnlyClaimedCostsLittle(t *testing.T) {
	const claimed = 1 << 28
	for name, answer := range map[string]string{
		"length": "HTTP/1.1 200 OK\r\nContent-Length: 268435456\r\n\r\n[",
		"chunk":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000\r\n[",
	} {
		r := get("/")
		r.MaxBody = claimed
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := exchange([]byte(answer), r)
		runtime.ReadMemStats(&after)
		if cost := after.TotalAlloc - before.TotalAlloc; err == nil || cost > 4<<20 {
			t.Errorf("%s: %v, for %d bytes of memory", name, err, cost)
		}
	}
}

// However a body comes, it is whole, also where its buffer grows several times.
func TestLargeBodies(t *testing.T) {
	var body strings.Builder
	for i := range 1_000_000 {
		body.WriteString(strconv.Itoa(i))
	}
	length := "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(body.Len()) + "\r\n\r\n" + body.String()
	var chunks strings.Builder
	chunks.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
	for rest, size := body.String(), 1; rest != ""; size *= 3 {
		size = min(size, len(rest))
		chunks.WriteString(strconv.FormatInt(int64(size), 16) + "\r\n" + rest[:size] + "\r\n")
		rest = rest[size:]
	}
	chunks.WriteString("0\r\n\r\n")
	for _, answer := range []string{length, chunks.String(), "HTTP/1.1 200 OK\r\n\r\n" + body.String()} {
		for _, piece := range []int{1000, 65_536, 1 << 30} {
			server := &talk{piece: piece, answers: [][]byte{[]byte(answer)}}
			c, _ := newClient(t, "fake", func(o *http1.Options) { o.Dial = server.dial })
			r := get("/")
			r.MaxBody = int64(body.Len())
			if res, err := c.Do(t.Context(), r); err != nil || string(res.Body) != body.String() {
				t.Errorf("%.60q in pieces of %d: %d bytes, %v", answer, piece, len(res.Body), err)
			}
		}
	}
}
