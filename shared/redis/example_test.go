package redis_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"
)

func Example() {
	dir, err := os.MkdirTemp("", "facet-redis-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := redistest.Launch(dir)
	if err != nil {
		panic(err)
	}
	defer server.Stop()

	config := redis.Config{URL: server.URL, Timeout: 500 * time.Millisecond, Connections: 4, Namespace: "facet"}
	client, err := redis.Open(&config, redis.Options{Gateway: "bff-web", Meter: &meter{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	defer client.Close()

	ctx := context.Background()
	_ = client.Set(ctx, client.Key("greeting"), []byte("hello"), time.Minute)
	value, _, err := client.Get(ctx, client.Key("greeting"))
	fmt.Println(client.Key("greeting"), string(value), err)
	// Output: facet:2:bff-web:greeting hello <nil>
}
