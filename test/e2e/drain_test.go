package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/stage"
)

// A keeper is a client that keeps its connection until it is told to close it. Unlike the
// client of net/http, it does not repeat what was lost with a connection.
type keeper struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
}

// ask returns the status of a whole answer.
func (k *keeper) ask(path string) (status int, err error) {
	if k.conn == nil {
		if k.conn, err = net.Dial("tcp", k.address); err != nil {
			return 0, err
		}
		k.reader = bufio.NewReader(k.conn)
	}
	_ = k.conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := fmt.Fprintf(k.conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path); err != nil {
		return 0, fmt.Errorf("it was cut: %w", err)
	}
	response, err := http.ReadResponse(k.reader, nil)
	if err != nil {
		return 0, fmt.Errorf("it was cut: %w", err)
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	if response.Close {
		k.close()
	}
	return response.StatusCode, err
}

func (k *keeper) close() {
	if k.conn != nil {
		_ = k.conn.Close()
		k.conn = nil
	}
}

// A hundred clients behind a load balancer notice nothing of a gateway that is stopped: each
// goes on until the gateway says that it is not ready, which it does at once. No connection
// is closed that was not said to be.
func TestStopUnderLoadDropsNothing(t *testing.T) {
	const clients, delay, atOnce = 100, 1500 * time.Millisecond, time.Second
	mobile := start(t, "bff-mobile", "FACET_SERVER__DRAIN__DELAY="+delay.String())
	var gone atomic.Bool // the load balancer has noticed
	var served, after atomic.Int64
	var told atomic.Bool
	var group sync.WaitGroup
	for n := range clients {
		group.Go(func() {
			k := keeper{address: strings.TrimPrefix(mobile.url, "http://")}
			defer k.close()
			for sku := n; !gone.Load(); sku += 8 {
				if status, err := k.ask(fmt.Sprintf("/v1/products/p%d", 1+sku%100)); err != nil || status != 200 {
					t.Errorf("status %d, %v", status, err)
					k.close()
				}
				served.Add(1)
				if told.Load() {
					after.Add(1)
				}
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	t.Cleanup(func() { gone.Store(true) })
	eventually(t, "there is load", func() bool { return served.Load() > 5*clients })
	told.Store(true)
	began := time.Now()
	mobile.Terminate()
	eventually(t, "it is not ready", func() bool {
		a, err := try("GET", mobile.management+"/readyz")
		return err != nil || a.status == 503
	})
	if took := time.Since(began); took > atOnce {
		t.Errorf("not ready after %v", took)
	}
	time.Sleep(delay / 3) // the load balancer asks now and then
	gone.Store(true)
	group.Wait()
	if code := mobile.ExitCode(); code != 0 || time.Since(began) > delay+10*time.Second {
		t.Errorf("exit code %d after %v", code, time.Since(began))
	}
	if after.Load() < clients {
		t.Errorf("%d requests were answered after SIGTERM: the load had gone", after.Load())
	}
}

// Who cannot wait for what is under way says so a second time.
func TestASecondSignalEndsAGateway(t *testing.T) {
	mend(t)
	env := append(each("bff-mobile", "TIMEOUT__DEFAULT=20s"), patient, "FACET_SERVER__DRAIN__DELAY=20s")
	g, err := stage.StartGateway(t.Context(), layout, binaries, "bff-mobile", t.TempDir(), env)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Stop(0) }() // it has ended, unless the test failed
	breakService(t, "catalog", `{"hang":true}`)
	cut := make(chan error, 1)
	go func() {
		_, err := try("GET", g.URL+"/v1/products/p60")
		cut <- err
	}()
	eventually(t, "a request is under way", func() bool { return calls(t)["catalog GET /products/{id}"] == 1 })
	g.Terminate()
	eventually(t, "it drains", func() bool { return get(t, g.Management+"/readyz").status == 503 })
	began := time.Now()
	g.Terminate()
	if code := g.ExitCode(); code == 0 || time.Since(began) > 5*time.Second {
		t.Errorf("exit code %d after %v", code, time.Since(began))
	}
	if err := <-cut; err == nil {
		t.Error("the request that was under way has an answer")
	}
}

// What is under way when the gateway is told to stop is finished, also when that takes
// longer than the delay.
func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	const requests = 8
	mobile := start(t, "bff-mobile", append(each("bff-mobile", "TIMEOUT__DEFAULT=10s"), patient, "FACET_SERVER__DRAIN__DELAY=100ms")...)
	breakService(t, "catalog", `{"delay":"1s"}`)
	var group sync.WaitGroup
	for n := range requests {
		group.Go(func() {
			a, err := try("GET", fmt.Sprintf("%s/v1/products/p%d", mobile.url, 50+n))
			if err != nil || a.status != 200 || a.degraded() != "" || a.took < 900*time.Millisecond {
				t.Errorf("status %d after %s, degraded %q, %v", a.status, a.took, a.degraded(), err)
			}
		})
	}
	eventually(t, "all are under way", func() bool { return calls(t)["catalog GET /products/{id}"] == requests })
	mobile.Terminate()
	group.Wait()
	if code := mobile.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := try("GET", mobile.url+"/v1/products/p1"); err == nil {
		t.Error("it still answers")
	}
}

// Readiness fails first; until the delay is over, requests are answered.
func TestDrainingStillServes(t *testing.T) {
	mobile := start(t, "bff-mobile", "FACET_SERVER__DRAIN__DELAY=1s")
	mobile.Terminate()
	eventually(t, "it is not ready", func() bool { return get(t, mobile.management+"/readyz").status == 503 })
	a := ok(t, mobile.url+"/v1/products/p1")
	if live := get(t, mobile.management+"/livez"); live.status != 200 {
		t.Errorf("/livez: status %d", live.status)
	}
	if !a.last {
		t.Errorf("clients are not told to go elsewhere: %v", a.header)
	}
	if code := mobile.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
