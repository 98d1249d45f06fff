package cache

import (
	"net/http"
	"testing"
)

func TestRange(t *testing.T) {
	for _, c := range []struct {
		asked       string
		first, last int // of ten bytes
		ok          bool
	}{
		{"bytes=0-0", 0, 0, true},
		{"bytes=2-4", 2, 4, true},
		{"bytes=2-", 2, 9, true},
		{"bytes=2-99", 2, 9, true},
		{"bytes=-3", 7, 9, true},
		{"bytes=-99", 0, 9, true},
		{" bytes=9-9 ", 9, 9, true},
		{asked: "bytes=10-"}, // there is nothing
		{asked: "bytes=-0"},
		{asked: "bytes=4-2"},
		{asked: "bytes=0-1,3-4"},
		{asked: "bytes=-"},
		{asked: "bytes=+1-2"},
		{asked: "bytes=1"},
		{asked: "bytes=1-2-3"},
		{asked: "items=0-1"},
		{asked: "bytes=99999999999999999999-"},
		{asked: ""},
	} {
		first, last, ok := Range(http.Header{"Range": {c.asked}}, 10)
		if ok != c.ok || ok && (first != c.first || last != c.last) {
			t.Errorf("%q: %d-%d %v", c.asked, first, last, ok)
		}
	}
	if _, _, ok := Range(http.Header{"Range": {"bytes=0-"}}, 0); ok {
		t.Error("nothing has no part")
	}
	if _, _, ok := Range(http.Header{"Range": {"bytes=0-1", "bytes=2-3"}}, 10); ok {
		t.Error("two lines")
	}
}

func FuzzRange(f *testing.F) {
	f.Add("bytes=0-1", 10)
	f.Fuzz(func(t *testing.T, asked string, size int) {
		if first, last, ok := Range(http.Header{"Range": {asked}}, size); ok && size >= 0 && (first < 0 || last < first || last >= size) {
			t.Errorf("%q of %d: %d-%d", asked, size, first, last)
		}
	})
}
