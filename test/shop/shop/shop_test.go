package shop_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/shop/shop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Example() {
	running, err := shop.Start(context.Background(), shop.Options{Free: true, Only: []string{"users"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	response, err := http.Get(running.URL("users") + "/users/u1")
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(running.Names(), response.Status, running.Close())
	// Output: [users] 200 OK <nil>
}

// start runs a shop on free ports for as long as the test.
func start(t *testing.T, only ...string) *shop.Running {
	t.Helper()
	running, err := shop.Start(t.Context(), shop.Options{Free: true, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return running
}

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

func send(t *testing.T, method, url, body string) (answer, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return do(request)
}

func do(request *http.Request) (answer, error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body)}, err
}

// must is send for a call that has to be answered.
func must(t *testing.T, method, url, body string) answer {
	t.Helper()
	got, err := send(t, method, url, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return got
}

func TestStartRefusesUnknownServer(t *testing.T) {
	_, err := shop.Start(t.Context(), shop.Options{Free: true, Only: []string{"users", "nope"}})
	if err == nil || !strings.Contains(err.Error(), `"nope"`) {
		t.Errorf("got error %v, want one that names the server", err)
	}
}

func TestOnlyStartsNothingElse(t *testing.T) {
	running := start(t, "catalog", "control")
	if running.URL("catalog") == "" || running.URL("users") != "" || len(running.Names()) != 2 {
		t.Errorf("running: %v", running.Names())
	}
	if got := must(t, "PUT", running.URL("control")+"/faults/users", `{}`); got.status != 404 {
		t.Errorf("fault of a service that does not run: status %d, want 404", got.status)
	}
}

func TestEveryServerIsHealthyAndUncounted(t *testing.T) {
	running := start(t)
	must(t, "PUT", running.URL("control")+"/faults/all", `{"status":500}`)
	for _, name := range running.Names() {
		if got := must(t, "GET", running.URL(name)+"/healthz", ""); got.status != 200 {
			t.Errorf("%s: status %d", name, got.status)
		}
	}
	if got := must(t, "GET", running.URL("control")+"/calls", ""); got.body != `{"total":0,"calls":[]}` {
		t.Errorf("calls: %s", got.body)
	}
}

func TestStopsWithCallsThatHang(t *testing.T) {
	running := start(t)
	must(t, "PUT", running.URL("control")+"/faults/*", `{"hang":true}`)
	hanging := make(chan error)
	request, err := http.NewRequestWithContext(t.Context(), "GET", running.URL("users")+"/users/u1", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := do(request)
		hanging <- err
	}()
	for !strings.Contains(must(t, "GET", running.URL("control")+"/calls", "").body, `"users"`) {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	if err := running.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := <-hanging; err == nil {
		t.Error("the hanging call was answered")
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

func TestContextStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	running, err := shop.Start(ctx, shop.Options{Free: true, Only: []string{"pricing"}})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := running.Wait(); err != nil {
		t.Errorf("wait: %v", err)
	}
	if _, err := send(t, "GET", running.URL("pricing")+"/healthz", ""); err == nil {
		t.Error("it still answers")
	}
}
