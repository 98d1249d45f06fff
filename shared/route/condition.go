package route

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// conditions are what a route asks of a request besides its path.
type conditions struct {
	methods map[string]bool
	host    string // exact, or a suffix that begins with a dot; empty: any
	headers map[string]string
}

func newConditions(m Match) conditions {
	c := conditions{
		methods: map[string]bool{},
		host:    strings.TrimPrefix(strings.ToLower(m.Host), "*"),
		headers: map[string]string{},
	}
	for _, method := range m.Methods {
		c.methods[method] = true
		if method == http.MethodGet {
			c.methods[http.MethodHead] = true
		}
	}
	for name, value := range m.Headers {
		c.headers[http.CanonicalHeaderKey(name)] = value
	}
	return c
}

// hold reports whether all hold but the method.
func (c *conditions) hold(r *http.Request, host string) bool {
	switch {
	case c.host == "":
	case c.host[0] == '.' && strings.HasSuffix(host, c.host) && len(host) > len(c.host):
	case c.host != host:
		return false
	}
	for name, want := range c.headers {
		got := r.Header[name]
		if len(got) != 1 || want != anyValue && got[0] != want {
			return false
		}
	}
	return true
}

const anyValue = "*"

// hostRank prefers an exact host to a suffix, and a long suffix to a short one.
func (c *conditions) hostRank() int {
	switch {
	case c.host == "":
		return 0
	case c.host[0] == '.':
		return strings.Count(c.host, ".")
	}
	return 1 << 10 // above all suffixes: a name has at most 127 labels
}

// headerRank prefers many headers to few, and a value to any.
func (c *conditions) headerRank() (rank int) {
	for _, want := range c.headers {
		rank++
		if want != anyValue {
			rank++
		}
	}
	return rank
}

// overlap reports whether a request can meet both conditions, which are of equal rank.
func (c *conditions) overlap(other *conditions) bool {
	if c.host != other.host {
		return false
	}
	for name, want := range c.headers {
		wanted, both := other.headers[name]
		if both && want != wanted && want != anyValue && wanted != anyValue {
			return false
		}
	}
	for method := range c.methods {
		if other.methods[method] {
			return true
		}
	}
	return false
}

// hostname is a Host header's name alone, as it is compared.
func hostname(host string) string {
	if strings.Contains(host, ":") {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

func validateHost(host string) error {
	name := strings.TrimPrefix(host, "*.")
	switch {
	case host == "":
		return nil
	case strings.Contains(name, "*"):
		return fmt.Errorf("match.host: %q: the * stands for whole labels in front, as in *.example.com", host)
	case name == "" || strings.ContainsAny(name, "/:@ ") && net.ParseIP(name) == nil:
		return fmt.Errorf("match.host: %q must be a host name without scheme and port", host)
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, "."):
		return errors.New("match.host: must not begin or end with a dot")
	}
	return nil
}
