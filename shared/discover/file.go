package discover

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/goccy/go-yaml"
)

// FileConfig is the section "file": a file lists the instances as the configuration would,
// in YAML or JSON. It is looked at again at intervals, and should be replaced as a whole:
// written beside, and renamed.
type FileConfig struct {
	Path     string        `yaml:"path" validate:"required"`                   // of the file
	Interval time.Duration `yaml:"interval" default:"1s" validate:"min=100ms"` // between two looks
}

const (
	largest = 1 << 20
	settles = 50 * time.Millisecond // for how long a file that is new must stay as it is
)

func (c FileConfig) source() Source {
	f := &file{path: c.Path}
	return poll{every: c.Interval, find: f.find}
}

// A file is read often, and understood when it has changed.
type file struct {
	path   string
	before []byte
	list   []Instance
}

func (f *file) find(ctx context.Context) ([]Instance, error) {
	text, err := f.read()
	if err != nil {
		return nil, err
	}
	if f.list != nil && bytes.Equal(text, f.before) {
		return f.list, nil
	}
	select { // nobody should be writing
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(settles):
	}
	again, err := f.read()
	if err == nil && !bytes.Equal(text, again) {
		err = fmt.Errorf("%s is being written", f.path)
	}
	if err != nil {
		return nil, err
	}
	list, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	f.before, f.list = text, list
	return list, nil
}

func (f *file) read() ([]byte, error) {
	open, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer open.Close()
	text, err := io.ReadAll(io.LimitReader(open, largest+1))
	if len(text) > largest {
		err = fmt.Errorf("%s has more than %d bytes", f.path, largest)
	}
	return text, err
}

// parse reads a list of instances, each of which is a URL or a mapping.
func parse(text []byte) ([]Instance, error) {
	entries, err := unmarshal(text)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, errors.New("lists no instance")
	}
	list := make([]Instance, len(entries))
	for i, e := range entries {
		list[i] = Instance(e)
		if e.URL == "" {
			return nil, fmt.Errorf("[%d]: url is required", i)
		}
		if err := validateURL(e.URL); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		if e.Weight < 1 || e.Weight > 1_000_000 || e.Priority < 0 {
			return nil, fmt.Errorf("[%d]: weight must be between 1 and 1000000, and priority at least 0", i)
		}
	}
	return list, nil
}

// unmarshal turns a panic into an error: what stands in the file while somebody writes it must
// not end the process.
func unmarshal(text []byte) (entries []entry, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("is not YAML: %v", p)
		}
	}()
	if err := yaml.UnmarshalWithOptions(text, &entries, yaml.Strict()); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	return entries, nil
}

// An entry is an Instance as it is written.
type entry Instance

// UnmarshalYAML takes a URL for an instance.
func (e *entry) UnmarshalYAML(unmarshal func(any) error) error {
	*e = entry{Weight: 1}
	if err := unmarshal(&e.URL); err == nil {
		return nil
	}
	var long struct {
		URL      string `yaml:"url"`
		Weight   *int   `yaml:"weight"`
		Priority int    `yaml:"priority"`
	}
	if err := unmarshal(&long); err != nil {
		return err
	}
	e.URL, e.Priority = long.URL, long.Priority
	if long.Weight != nil {
		e.Weight = *long.Weight
	}
	return nil
}
