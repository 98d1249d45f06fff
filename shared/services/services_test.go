package services_test

import (
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/services"
)

func TestACacheWithoutRoomIsRefused(t *testing.T) {
	_, err := services.Open(
		services.Config{Services: map[string]policy.Service{"catalog": {URL: "http://catalog", Cache: &policy.CacheConfig{}}}},
		services.Options{Metrics: observe.NewMetrics("test")},
	)
	if err == nil || !strings.Contains(err.Error(), "max_bytes") {
		t.Errorf("got %v", err)
	}
}

func TestNothingRunsNothing(t *testing.T) {
	running, err := services.Open(services.Config{}, services.Options{Metrics: observe.NewMetrics("test")})
	if err != nil {
		t.Fatal(err)
	}
	if running.Calls().Has("catalog") {
		t.Error("a service that is not configured")
	}
	running.Close()
	(*services.Running)(nil).Close()
}
