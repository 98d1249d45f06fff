package discover_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/facet-bff/facet/shared/discover"
)

func ExampleStart() {
	dir, err := os.MkdirTemp("", "discover")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "catalog.yaml")
	if err := os.WriteFile(path, []byte("- http://a:8080\n- {url: http://b:8080, weight: 3}\n"), 0o600); err != nil {
		panic(err)
	}

	config := discover.Config{File: &discover.FileConfig{Path: path, Interval: time.Second}}
	source, err := config.Source(nil)
	if err != nil {
		panic(err)
	}
	found := make(chan []discover.Instance)
	stop := discover.Start(source, func(list []discover.Instance, err error) {
		if err == nil {
			found <- list
		}
	})
	defer stop()
	for _, instance := range <-found {
		fmt.Println(instance.URL, instance.Weight)
	}
	// Output:
	// http://a:8080 1
	// http://b:8080 3
}
