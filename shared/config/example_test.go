package config_test

import (
	"fmt"
	"time"

	"github.com/facet-bff/facet/shared/config"
)

type backend struct {
	URL     string        `yaml:"url" validate:"required,url"`
	Timeout time.Duration `yaml:"timeout" default:"300ms" validate:"min=1ms"`
}

type gatewayConfig struct {
	Listen   string             `yaml:"listen" default:":8081"`
	Services map[string]backend `yaml:"services"`
}

const embedded = `
services:
  catalog:
    url: http://localhost:7002
    timeout: 500ms
`

func ExampleLoad() {
	cfg, err := config.Load[gatewayConfig](config.Sources{
		Default: []byte(embedded),
		Prefix:  "FACET",
		Environ: []string{"FACET_SERVICES__CATALOG__URL=http://catalog"},
	})
	fmt.Println(cfg.Listen, cfg.Services["catalog"], err)
	// Output: :8081 {http://catalog 500ms} <nil>
}

func ExampleErrors() {
	_, err := config.Load[gatewayConfig](config.Sources{
		Default:     []byte("listen: 8081\nservices:\n  catalog:\n    timout: 1s\n"),
		DefaultName: "my.yaml",
	})
	fmt.Println(err)
	// Output:
	// my.yaml:1:9: listen: expected a string, found an integer: put it in quotes
	// my.yaml:3:3: services.catalog.url: is required
	// my.yaml:4:5: services.catalog.timout: unknown key; did you mean timeout?
}

func ExampleEffective() {
	text, err := config.Effective[gatewayConfig](config.Sources{
		Default:     []byte(embedded),
		DefaultName: "facet.yaml",
		Prefix:      "FACET",
		Environ:     []string{"FACET_SERVICES__CATALOG__URL=http://catalog"},
	})
	fmt.Print(string(text), err)
	// Output:
	// listen: ":8081" # default
	// services:
	//   catalog:
	//     url: http://catalog # FACET_SERVICES__CATALOG__URL
	//     timeout: 500ms # facet.yaml:5
	// <nil>
}
