package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/go-json-experiment/json"
)

// A Client uses the control API at URL. It is safe for concurrent use.
type Client struct{ URL string }

// Put gives a service, or "all" of them, a fault.
func (c Client) Put(ctx context.Context, service string, fault Fault) error {
	body, err := json.Marshal(fault)
	if err != nil {
		return err
	}
	return c.do(ctx, http.MethodPut, "/faults/"+service, body, nil)
}

// Clear removes all faults.
func (c Client) Clear(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "/faults", nil, nil)
}

// Forget forgets all calls.
func (c Client) Forget(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "/calls", nil, nil)
}

// Calls returns how many calls have arrived, by service, method and pattern, as in
// "catalog GET /products/{id}".
func (c Client) Calls(ctx context.Context) (map[string]int, error) {
	var report callReport
	if err := c.do(ctx, http.MethodGet, "/calls", nil, &report); err != nil {
		return nil, err
	}
	counts := make(map[string]int, len(report.Calls))
	for _, call := range report.Calls {
		counts[call.Service+" "+call.Method+" "+call.Pattern] = call.Count
	}
	return counts, nil
}

// do reads the answer into out, if there is any to read.
func (c Client) do(ctx context.Context, method, path string, body []byte, out any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Close = true // it leaves nothing behind
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: status %d: %s", method, path, response.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
