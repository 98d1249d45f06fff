package generator

import (
	"bufio"
	"strings"
	"testing"
	"time"
)

func TestReadAnswer(t *testing.T) {
	for _, tt := range []struct {
		answer       string
		status, size int
		last, fails  bool
	}{
		{answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", status: 200, size: 5},
		{answer: "HTTP/1.1 404 Not Found\r\ncontent-length:0\r\nCONNECTION: Close\r\n\r\n", status: 404, last: true},
		{answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n12345\r\na\r\n0123456789\r\n0\r\n\r\n", status: 200, size: 15},
		{answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234", fails: true},
		{answer: "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", fails: true},
		{answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", fails: true},
		{answer: "HTTP/1.1 200 OK\r\n\r\n", fails: true},
		{answer: "HTTP/1.1 200 OK\r\nContent-", fails: true},
		{answer: "", fails: true},
	} {
		in := bufio.NewReader(strings.NewReader(tt.answer))
		status, size, last, err := readAnswer(in)
		if (err != nil) != tt.fails {
			t.Errorf("%q: %v", tt.answer, err)
		}
		if err == nil && (status != tt.status || size != tt.size || last != tt.last || in.Buffered() > 0) {
			t.Errorf("%q: status %d, %d bytes, last %v, %d left", tt.answer, status, size, last, in.Buffered())
		}
	}
}

func TestBuckets(t *testing.T) {
	for d := time.Duration(0); d < 2*time.Minute; d += d/100 + 1 {
		low := least(bucket(d))
		if low > d || float64(d-low) > 0.016*float64(d) || bucket(low) != bucket(d) {
			t.Fatalf("%d is in the bucket of %d", d, low)
		}
	}
	if bucket(-1) != 0 || bucket(time.Hour) != perDouble*doubles-1 {
		t.Errorf("what cannot be counted: %d, %d", bucket(-1), bucket(time.Hour))
	}
}

func TestQuantile(t *testing.T) {
	var h, other Histogram
	if h.Quantile(0.5) != 0 {
		t.Errorf("of nothing: %v", h.Quantile(0.5))
	}
	for i := range 99 {
		h.Add(time.Duration(i) * time.Nanosecond)
	}
	other.Add(time.Second)
	h.Merge(&other)
	for q, want := range map[float64]time.Duration{0: 0, 0.5: 50, 0.98: 98, 0.99: least(bucket(time.Second)), 1: least(bucket(time.Second))} {
		if got := h.Quantile(q); got != want {
			t.Errorf("%v: got %v, want %v", q, got, want)
		}
	}
}
