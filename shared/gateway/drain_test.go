package gateway_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

// A gateway that is stopped under load, by clients that ask it whether it is ready, drops
// no request.
func TestNothingIsDropped(t *testing.T) {
	def := define("", getNothing(access.Public))
	config, err := gateway.Load(def, "", []string{"FACET_SERVER__DRAIN__DELAY=300ms"})
	if err != nil {
		t.Fatal(err)
	}
	config.Server.Address, config.Management.Address = freePort(t), freePort(t)
	var log bytes.Buffer
	g, err := gateway.New(def, config, gateway.Options{Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()

	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: soon}
	ready := func() bool { return status(client, "http://"+config.Management.Address+"/readyz") == http.StatusOK }
	for deadline := time.Now().Add(soon); !ready(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never ready")
		}
	}
	var leave atomic.Bool
	var served, failed atomic.Int32
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			for !leave.Load() {
				if status(client, "http://"+config.Server.Address+"/v1/nothing") == http.StatusOK {
					served.Add(1)
				} else {
					failed.Add(1)
				}
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	stop()
	for ready() {
		time.Sleep(10 * time.Millisecond)
	}
	leave.Store(true)
	load.Wait()
	if err := <-ended; err != nil || failed.Load() > 0 || served.Load() == 0 {
		t.Errorf("served %d, failed %d, %v", served.Load(), failed.Load(), err)
	}
}

// status is that of an answer which arrived whole, or 0.
func status(c *http.Client, url string) int {
	res, err := c.Get(url)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0
	}
	return res.StatusCode
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
