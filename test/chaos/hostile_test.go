package chaos_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/facet-bff/facet/test/shop/faults"
)

// Every answer of a hostile service has this where nobody must see it.
const inside = "X-Served-By: " + faults.InternalHost + "\r\n"

// received waits for a request. All of it has come, as gateways send one with one write.
func (v *visit) received() bool {
	buf, n := make([]byte, 64<<10), 0
	for !bytes.Contains(buf[:n], []byte("\r\n\r\n")) {
		more, err := v.Read(buf[n:])
		if n += more; err != nil {
			return false
		}
	}
	v.request = buf[:n]
	v.front.asked.Add(1)
	return true
}

func (v *visit) send(text string) bool {
	_, err := io.WriteString(v, text)
	return err == nil
}

// finish ends the connection as it should be, with FIN.
func (v *visit) finish() {
	_ = v.tcp.CloseWrite()
	v.hold()
}

// hold waits until the gateway closes the connection, or the scenario ends.
func (v *visit) hold() { _, _ = io.Copy(io.Discard, v) }

// reset ends it with RST, a moment after what has been sent, which a receiver of RST may
// lose otherwise.
func (v *visit) reset() {
	time.Sleep(30 * time.Millisecond)
	_ = v.tcp.SetLinger(0)
}

// says answers every connection with a text, and ends it.
func says(text string) behaviour {
	return func(v *visit) {
		if v.received() && v.send(text) {
			v.finish()
		}
	}
}

// saysAtOnce does not wait for a request that it would understand.
func saysAtOnce(text string) behaviour {
	return func(v *visit) {
		_, _ = v.Read(make([]byte, 64<<10))
		v.send(text)
		v.finish()
	}
}

// breaksOff sends the beginning of an answer, and resets the connection.
func breaksOff(text string) behaviour {
	return func(v *visit) {
		if v.received() && v.send(text) {
			v.reset()
		}
	}
}

// drips sends a beginning at once and then one byte every 50 ms.
func drips(begin, rest string) behaviour {
	return func(v *visit) {
		if !v.received() || !v.send(begin) {
			return
		}
		for _, b := range []byte(rest) {
			time.Sleep(50 * time.Millisecond)
			if !v.send(string(b)) {
				return
			}
		}
		v.finish()
	}
}

// repeats sends a beginning and then a piece again and again.
func repeats(begin, piece string) behaviour {
	return func(v *visit) {
		if !v.received() || !v.send(begin) {
			return
		}
		for v.send(piece) {
		}
	}
}

func silent(v *visit) { v.hold() }

// resets waits for a byte: what is reset before that was never connected.
func resets(v *visit) {
	_, _ = v.Read(make([]byte, 1))
	_ = v.tcp.SetLinger(0)
}

// head is the head of an answer of 200, with header lines besides.
func head(lines ...string) string {
	return "HTTP/1.1 200 OK\r\n" + inside + strings.Join(append(lines, ""), "\r\n") + "\r\n"
}

// whole is an answer of 200.
func whole(kind, body string) string {
	return head("Content-Type: "+kind, fmt.Sprintf("Content-Length: %d", len(body))) + body
}

// surplus passes on what the service really answers, and sends behind it an answer that
// nobody has asked for.
func surplus(v *visit) {
	for v.received() {
		kind, body := v.real()
		poison := whole("application/json", `{"id":"poison","name":"`+faults.InternalHost+`"}`)
		if !v.send(whole(kind, body) + poison) {
			return
		}
	}
}

// honest passes on what the service answers, after a while, or a 500 to some of the requests,
// of which the first is number 1.
func honest(delay time.Duration, fails func(n int64) bool) behaviour {
	return func(v *visit) {
		for v.received() {
			answer := "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
			if n := v.front.asked.Load(); !fails(n) {
				answer = whole(v.real())
			}
			time.Sleep(delay)
			if !v.send(answer) {
				return
			}
		}
	}
}

// real asks the service.
func (v *visit) real() (kind, body string) {
	c, err := net.Dial("tcp", v.front.service)
	if err != nil {
		return "", ""
	}
	defer c.Close()
	_, _ = c.Write(v.request) // if that fails, there is no answer
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "", ""
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body) // what is missing will be missed by the gateway
	return response.Header.Get("Content-Type"), string(text)
}

// bomb is 64 MiB of zeros, compressed.
var bomb = sync.OnceValue(func() string {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is a constant
	_, _ = z.Write(make([]byte, 64<<20))            // a Buffer takes everything
	_ = z.Close()
	return head("Content-Type: application/json", "Content-Encoding: gzip", fmt.Sprintf("Content-Length: %d", b.Len())) + b.String()
})

// deep is valid JSON, which nobody would write.
func deep() string {
	const depth = 100_000
	return whole("application/json", `{"id":"p1","deep":`+strings.Repeat("[", depth)+strings.Repeat("]", depth)+"}")
}

func half() string {
	return head("Content-Type: application/json", "Content-Length: 1000") + `{"id":"p1","host":"` + faults.InternalHost + `",`
}

// farIn is more than a gateway holds back of a body whose length is known.
func farIn() string {
	return head("Content-Type: application/json", "Content-Length: 1000000") + strings.Repeat(" ", 500_000)
}

func halfChunked() string {
	return head("Content-Type: application/json", "Transfer-Encoding: chunked") + "8\r\n{\"id\":\"p\r\n200\r\n1\","
}

// failure is the head of a 500 that announces a large body.
func failure() string {
	return fmt.Sprintf("HTTP/1.1 %d Oh no: %s\r\nContent-Length: %d\r\n\r\n", http.StatusInternalServerError, faults.InternalHost, 1<<30)
}
