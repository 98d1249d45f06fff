package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/config"
)

func TestErrors(t *testing.T) {
	tests := []struct {
		name, embedded, file string
		environ              []string
		want                 string
	}{
		{
			name: "unknown keys",
			file: `
lisen: x
services:
  catalog:
    timout: 1s
    url: http://c
    colour: red
level: loud
`,
			want: `
my.yaml:2:1: lisen: unknown key; did you mean listen?
my.yaml:5:5: services.catalog.timout: unknown key; did you mean timeout?
my.yaml:7:5: services.catalog.colour: unknown key
my.yaml:8:8: level: is not valid: slog: level string "loud": unknown name
`,
		},
		{
			name: "wrong types are not checked by rules too",
			file: `
listen: [a]
debug: 1
ratio: x
token: 17
origins: {}
headers: []
services: 3
routes: [~, 4]
cache: {max: 5TB, ttl: 30, tier: yes}
depth: 017
body-size: 3GiB
`,
			want: `
my.yaml:2:1: listen: expected a string, found a list
my.yaml:3:8: debug: expected true or false, found an integer
my.yaml:4:8: ratio: expected a number, found a string
my.yaml:5:8: token: expected a string, found an integer: put it in quotes
my.yaml:6:1: origins: expected a list, found a mapping
my.yaml:7:1: headers: expected a mapping, found a list
my.yaml:8:11: services: expected a mapping, found an integer
my.yaml:9:10: routes[0]: expected a mapping, found null
my.yaml:9:13: routes[1]: expected a mapping, found an integer
my.yaml:10:14: cache.max: expected a size such as 512KB, 4MiB or 1048576, found a string
my.yaml:10:24: cache.ttl: expected a duration such as 300ms, found a bare number: add a unit (ms, s, m or h)
my.yaml:11:8: depth: expected an integer without leading zeros, found an integer
my.yaml:12:12: body-size: must be between -2147483648 and 2147483647
`,
		},
		{
			name: "numbers that do not fit",
			file: `
ratio: .nan
depth: 99999999999999999999
services:
  a: {url: http://c, retries: 256}
  b: {url: http://c, retries: -1}
`,
			want: `
my.yaml:2:8: ratio: expected a finite decimal number
my.yaml:3:8: depth: must be between -9223372036854775808 and 9223372036854775807
my.yaml:5:31: services.a.retries: must be between 0 and 255
my.yaml:6:31: services.b.retries: must be between 0 and 255
`,
		},
		{
			name: "broken rules",
			file: `
listen: nope
ratio: 2
token: ab
origins: [http://ok, nope]
headers: {a: b, c: ""}
services:
  catalog: {timeout: 0s}
  users:
    url: nope
routes: [{path: a}, {path: /b, method: PUT}, {path: ""}, {}]
cache: {}
depth: 0
`,
			want: `
my.yaml:2:9: listen: must be host:port
my.yaml:3:8: ratio: must be at most 1
my.yaml:4:8: token: must be at least 3 characters long
my.yaml:5:22: origins[1]: must be a valid URL
my.yaml:6:20: headers.c: must be at least 1 character long
my.yaml:8:3: services.catalog.url: is required
my.yaml:8:22: services.catalog.timeout: must be at least 1ms
my.yaml:10:10: services.users.url: must be a valid URL
my.yaml:11:1: routes: must have at most 3 items
my.yaml:11:17: routes[0].path: must start with /
my.yaml:11:40: routes[1].method: must be one of GET, POST
my.yaml:11:53: routes[2].path: is required and must not be empty
my.yaml:11:58: routes[3].path: is required
my.yaml:12:1: cache.tier: is required with max
my.yaml:13:8: depth: is required and must not be zero
`,
		},
		{
			name: "a section's own Validate",
			file: "debug: true\ncache: {ttl: 2h, max: 2GiB, tier: a}\n",
			want: `
my.yaml:2:1: cache: max: no gateway has that much memory
my.yaml:2:1: cache: ttl: a response is stale after an hour
`,
		},
		{
			name:     "a layer that is no YAML does not hide another's errors, nor makes required keys absent",
			embedded: "services: {a: {url: http://a}}\nlisten: [\n",
			file:     "services: {a: {timeout: 3}}\ndepth: a\ndepth: 2\n",
			want: `
embedded:2:9: sequence end token ']' not found
my.yaml:1:25: services.a.timeout: expected a duration such as 300ms, found a bare number: add a unit (ms, s, m or h)
my.yaml:2:8: depth: expected an integer, found a string
my.yaml:3:1: depth: duplicate key; first given in line 2
`,
		},
		{
			name: "references and tags",
			file: "a: &x 1\nb: *x\nc: !!str 3\n<<: {}\ndebug: !x",
			want: `
my.yaml:1:4: anchors are not supported; quote a value that starts with &
my.yaml:2:4: aliases are not supported; quote a value that starts with *
my.yaml:3:4: tags are not supported; quote a value that starts with !
my.yaml:4:1: merge keys are not supported
my.yaml:5:8: tags are not supported; quote a value that starts with !
`,
		},
		{
			name: "an ended document, and another",
			file: "debug: true\n...\ndebug: false\n",
			want: `my.yaml:3:6: a second document is not supported`,
		},
		{
			name: "two documents",
			file: "debug: true\n---\ndebug: false\n",
			want: `my.yaml:2:1: a second document is not supported`,
		},
		{
			name: "no mapping",
			file: "- a\n",
			want: `my.yaml:1:1: expected a mapping, found a list`,
		},
		{
			name: "a key that is no scalar",
			file: "? [a]\n: b\n",
			want: `my.yaml:2:1: found an invalid key for this map`,
		},
		{
			name: "too deep in brackets",
			file: "headers: " + strings.Repeat("[", 100_000),
			want: `my.yaml:1:73: is nested deeper than 64 levels`,
		},
		{
			name: "too deep in blocks",
			file: strings.Repeat("- ", 100_000),
			want: `my.yaml:1:129: is nested deeper than 64 levels`,
		},
		{
			name: "too many keys",
			file: strings.Repeat("a:\n", 10_001),
			want: `my.yaml:10001:2: has more than 10000 keys`,
		},
		{
			name: "not UTF-8",
			file: "debug: true\nlisten: \xff\n",
			want: `my.yaml:2:1: is not UTF-8`,
		},
		{
			name:     "environment",
			embedded: "services:\n  catalog: {url: http://c}\n",
			environ: []string{
				"FACET_LISEN=x", "FACET_SERVICES__CATALOG__TIMOUT=1s", "FACET_SERVICES__CATALOG=1", "FACET_DEBUG=",
				"FACET_DEPTH=x", "FACET_LISTEN__X=1", "FACET_ROUTES=1", "FACET_CACHE__TTL=30", "FACET_RATIO=\xff",
				"FACET_SERVICES__NEW__TIMEOUT=2s", "FACET_ORIGINS=http://ok,nope", "FACET_=1",
			},
			want: `
environment: FACET_: names no known key
environment: FACET_CACHE__TTL: expected a duration such as 300ms, found a bare number: add a unit (ms, s, m or h)
environment: FACET_DEBUG: expected true or false, found an empty value
environment: FACET_DEPTH: expected an integer, found other text
environment: FACET_LISEN: names no known key; did you mean FACET_LISTEN?
environment: FACET_LISTEN__X: has nothing below FACET_LISTEN
environment: FACET_ORIGINS: must be a valid URL
environment: FACET_RATIO: is not UTF-8
environment: FACET_ROUTES: names a list; only a list of scalars can be set, as a whole
environment: FACET_SERVICES__CATALOG: names a section; set one of its keys, as in FACET_SERVICES__CATALOG__KEY
environment: FACET_SERVICES__CATALOG__TIMOUT: names no known key; did you mean FACET_SERVICES__CATALOG__TIMEOUT?
environment: cache.tier: is required with max
environment: services.new.url: is required
`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, test.embedded, test.file, test.environ...)
			all, ok := errors.AsType[config.Errors](err)
			if !ok {
				t.Fatalf("got %v, want Errors", err)
			}
			if got, want := all.Error(), strings.TrimSpace(test.want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
