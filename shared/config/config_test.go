package config_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/config"
)

type settings struct {
	Listen   string             `yaml:"listen" default:":8080" validate:"hostname_port"`
	Level    slog.Level         `yaml:"level" default:"INFO"`
	Debug    bool               `yaml:"debug"`
	Ratio    float64            `yaml:"ratio" default:"0.5" validate:"gt=0,lte=1"`
	Token    string             `yaml:"token" secret:"true" validate:"omitempty,min=3"`
	Origins  []string           `yaml:"origins" default:"http://a,http://b" validate:"dive,url"`
	Headers  map[string]string  `yaml:"headers" validate:"max=2,dive,min=1"`
	Services map[string]service `yaml:"services"`
	Routes   []route            `yaml:"routes" validate:"max=3"`
	Cache    *cache             `yaml:"cache"`
	Limits   `yaml:",inline"`
	Runtime  func() `yaml:"-"`
	hidden   int    //nolint:unused // what is not exported is no key
}

type service struct {
	URL     string        `yaml:"url" validate:"required,url"`
	Timeout time.Duration `yaml:"timeout" default:"300ms" validate:"min=1ms"`
	Retries *uint8        `yaml:"retries"`
}

type route struct {
	Path   string `yaml:"path" validate:"required,startswith=/"`
	Method string `yaml:"method" default:"GET" validate:"oneof=GET POST"`
}

type cache struct {
	Max  int64         `yaml:"max" default:"64MiB" unit:"bytes" validate:"min=1"`
	TTL  time.Duration `yaml:"ttl" default:"30s"`
	Tier string        `yaml:"tier" validate:"required_with=Max"`
}

func (c *cache) Validate() error {
	var errs []error
	if c.TTL > time.Hour {
		errs = append(errs, errors.New("ttl: a response is stale after an hour"))
	}
	if c.Max > 1<<30 {
		errs = append(errs, errors.New("max: no gateway has that much memory"))
	}
	return errors.Join(errs...)
}

type Limits struct {
	Body  int32 `yaml:"body-size" default:"1MiB" unit:"bytes" validate:"min=1"`
	Depth int   `yaml:"depth" default:"16" validate:"required,max=64"`
}

// with is the settings that no layer touches, changed.
func with(change func(*settings)) *settings {
	s := &settings{
		Listen: ":8080", Ratio: 0.5, Origins: []string{"http://a", "http://b"},
		Limits: Limits{Body: 1 << 20, Depth: 16},
	}
	change(s)
	return s
}

// load reads settings from YAML in a file my.yaml.
func load(t *testing.T, embedded, file string, environ ...string) (*settings, error) {
	t.Helper()
	s := config.Sources{
		Default: []byte(embedded), DefaultName: "embedded",
		Prefix: "FACET", Environ: environ,
	}
	if file != "" {
		t.Chdir(t.TempDir())
		s.File = "my.yaml"
		if err := os.WriteFile(s.File, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config.Load[settings](s)
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name, embedded, file string
		environ              []string
		want                 *settings
	}{
		{name: "nothing but defaults", want: with(func(*settings) {})},
		{name: "an empty document", embedded: "# nothing\n", file: "---\n", want: with(func(*settings) {})},
		{
			name:     "layers merge deep",
			embedded: "services: {catalog: {url: http://old, timeout: 2s, retries: 3}, users: {url: http://u}}",
			file:     "services: {catalog: {url: http://new}}\n",
			want: with(func(s *settings) {
				s.Services = map[string]service{
					"catalog": {"http://new", 2 * time.Second, new(uint8(3))},
					"users":   {"http://u", 300 * time.Millisecond, nil},
				}
			}),
		},
		{
			name:     "lists are replaced, null removes",
			embedded: "origins: [http://x, http://y]\ncache: {tier: a}\nlisten: :1\nheaders: {a: b}\n",
			file:     "origins: [http://z]\ncache: ~\nlisten:\nheaders: {a: null, c: d}\n",
			want: with(func(s *settings) {
				s.Origins = []string{"http://z"}
				s.Headers = map[string]string{"c": "d"}
			}),
		},
		{
			name: "all kinds of values",
			file: "level: debug\ndebug: true\nratio: 1e-1\ntoken: \"123\"\nbody-size: 512KB\ndepth: 0x10\n" +
				"routes:\n- path: /a\n- {path: /b, method: POST}\n",
			want: with(func(s *settings) {
				s.Level, s.Debug, s.Ratio, s.Token, s.Body = slog.LevelDebug, true, 0.1, "123", 512_000
				s.Routes = []route{{"/a", "GET"}, {"/b", "POST"}}
			}),
		},
		{
			name:     "the environment is converted by its target",
			embedded: "services: {My-Cart: {url: http://old}}\ntoken: abcd\n",
			environ: []string{
				"FACET_DEBUG=true", "FACET_TOKEN=", "FACET_ORIGINS=http://p, http://q", "FACET_BODY_SIZE=2MiB",
				"FACET_SERVICES__MY_CART__RETRIES=7", "FACET_SERVICES__USERS__URL=http://u", "OTHER=1",
				"FACET_CACHE__TIER=redis", "FACET_LEVEL=WARN",
			},
			want: with(func(s *settings) {
				s.Debug, s.Origins, s.Body, s.Level = true, []string{"http://p", "http://q"}, 2<<20, slog.LevelWarn
				s.Services = map[string]service{
					"My-Cart": {"http://old", 300 * time.Millisecond, new(uint8(7))},
					"users":   {"http://u", 300 * time.Millisecond, nil},
				}
				s.Cache = &cache{64 << 20, 30 * time.Second, "redis"}
			}),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := load(t, test.embedded, test.file, test.environ...)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.yaml")
	_, err := config.Load[settings](config.Sources{File: path})
	if want := path + ": cannot be read: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestFileSizeIsCapped(t *testing.T) {
	_, err := load(t, "", "#"+strings.Repeat("x", 1<<20))
	if want := "my.yaml:1:1: is larger than 1048576 bytes"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestWithoutPrefixNoVariableIsRead(t *testing.T) {
	_, err := config.Load[settings](config.Sources{Environ: []string{"_LISTEN=x", "LISTEN=x"}})
	if err != nil {
		t.Error(err)
	}
}

func TestProgrammersMistakesPanic(t *testing.T) {
	tests := map[string]func(){
		"no struct":   func() { _, _ = config.Load[int](config.Sources{}) },
		"no yaml tag": func() { _, _ = config.Load[struct{ A int }](config.Sources{}) },
		"impossible type": func() {
			_, _ = config.Load[struct {
				A chan int `yaml:"a"`
			}](config.Sources{})
		},
		"bad default": func() {
			_, _ = config.Load[struct {
				A int `yaml:"a" default:"x"`
			}](config.Sources{})
		},
		"unknown rule": func() {
			_, _ = config.Load[struct {
				A int `yaml:"a" validate:"nonsense"`
			}](config.Sources{})
		},
		"key twice": func() {
			_, _ = config.Load[struct {
				A int `yaml:"a"`
				B int `yaml:"a"`
			}](config.Sources{})
		},
		"mistake below a pointer": func() {
			_, _ = config.Load[struct {
				A *struct{ B int } `yaml:"a"`
			}](config.Sources{})
		},
	}
	for name, load := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			load()
		})
	}
}
