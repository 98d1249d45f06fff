package http1

import (
	"net/textproto"
	"testing"

	"golang.org/x/net/http/httpguts"
)

func TestNamesAreSpelledAsEverywhere(t *testing.T) {
	const bytes = "aZ-x9_!Q \x7f\xe9"
	var try func(name string)
	try = func(name string) {
		colon, canonical := scanName(name + ": v")
		switch valid := httpguts.ValidHeaderFieldName(name) || name == ""; {
		case valid != (colon == len(name)):
			t.Errorf("%q: the colon is at %d", name, colon)
		case valid && canonical != (textproto.CanonicalMIMEHeaderKey(name) == name):
			t.Errorf("%q: canonical: %t", name, canonical)
		}
		if len(name) < 4 {
			for i := range len(bytes) {
				try(name + bytes[i:i+1])
			}
		}
	}
	try("")
}
