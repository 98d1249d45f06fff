package cache

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

// conditionals are the headers of RFC 9110, 13.1.
var conditionals = []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range"}

// Validators reports whether the service can be asked if an answer with these headers still
// holds (RFC 9111, 4.3.1).
func Validators(h http.Header) bool { return h.Get("Etag") != "" || h.Get("Last-Modified") != "" }

// Conditional is a copy of a request's headers that asks whether the answer with those
// headers still holds, and nothing else.
func Conditional(request, kept http.Header) http.Header {
	h := make(http.Header, len(request)+2)
	maps.Copy(h, request)
	for _, name := range conditionals {
		delete(h, name)
	}
	if tag := kept.Get("Etag"); tag != "" {
		h["If-None-Match"] = []string{tag}
	}
	if at := kept.Get("Last-Modified"); at != "" {
		h["If-Modified-Since"] = []string{at}
	}
	return h
}

// Confirms reports whether a 304 with these headers is about the answer that is kept: if it
// names a strong validator, that must be the same (RFC 9111, 4.3.4).
func Confirms(notModified, kept http.Header) bool {
	tag := notModified.Get("Etag")
	return tag == "" || strings.HasPrefix(tag, "W/") || tag == kept.Get("Etag")
}

// Freshened is a copy of an answer's headers with those of the 304 that confirmed it in place
// of the old ones, but for those that describe the body as it is kept (RFC 9111, 3.2).
func Freshened(kept, notModified http.Header) http.Header {
	h := make(http.Header, len(kept)+2)
	maps.Copy(h, kept)
	delete(h, "Age")
	for name, values := range notModified {
		switch name {
		case "Content-Encoding", "Content-Length", "Content-Md5", "Content-Range", "Etag", "Set-Cookie",
			"Transfer-Encoding", "Connection", "Keep-Alive":
		default:
			h[name] = values
		}
	}
	return h
}

// NotModified reports whether a client whose request has these conditions has the answer
// already (RFC 9111, 4.3.2; RFC 9110, 13.2.2). received is when the answer came.
func NotModified(request, kept http.Header, received time.Time) bool {
	if tags := request["If-None-Match"]; tags != nil {
		return anyTag(tags, kept.Get("Etag"))
	}
	since, ok := onlyDate(request["If-Modified-Since"])
	if !ok {
		return false
	}
	for _, name := range []string{"Last-Modified", "Date"} {
		if at, ok := onlyDate(kept[name]); ok {
			return !at.After(since)
		}
	}
	return !received.After(since)
}

// anyTag compares weakly (RFC 9110, 8.8.3.2).
func anyTag(lines []string, tag string) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	for _, line := range lines {
		for line != "" {
			var one string
			one, line = nextDirective(line) // tags are quoted strings in a list, too
			one = strings.TrimSpace(one)
			if one == "*" || tag != "" && strings.TrimPrefix(one, "W/") == opaque {
				return true
			}
		}
	}
	return false
}

// NotModifiedHeader is what a 304 says of an answer with these headers (RFC 9110, 15.4.5).
func NotModifiedHeader(kept http.Header) http.Header {
	h := make(http.Header, len(kept)+2)
	for name, values := range kept {
		if !strings.HasPrefix(name, "Content-") || name == "Content-Location" {
			h[name] = values
		}
	}
	return h
}
