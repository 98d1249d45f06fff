package scenario

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

// maxAnswer bounds what is read of an answer; the largest right one has 1 MB.
const maxAnswer = 2 << 20

// Check asks base, such as http://127.0.0.1:8080, and returns the size of its answer. The
// error says where the answer differs, as JSON, from the one that is wanted.
func (s Scenario) Check(ctx context.Context, client *http.Client, base string, r Request) (size int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+r.Target, http.NoBody)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", "application/json")
	if r.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("GET %s: status %d: %.200s", r.Target, res.StatusCode, body)
	}
	if err := compare(body, s.Want(r.ID)); err != nil {
		return 0, fmt.Errorf("GET %s: %w", r.Target, err)
	}
	return len(body), nil
}

// compare looks at values: neither white space nor the order of members counts.
func compare(got, want []byte) error {
	a, b := jsontext.Value(bytes.Clone(got)), jsontext.Value(bytes.Clone(want))
	if err := a.Canonicalize(); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	if err := b.Canonicalize(); err != nil {
		return fmt.Errorf("the expectation is not JSON: %w", err)
	}
	if bytes.Equal(a, b) {
		return nil
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return fmt.Errorf("the answer differs from byte %d of its canonical form on:\n got  %s\n want %s", at, around(a, at), around(b, at))
}

func around(text []byte, at int) []byte {
	return text[max(0, at-60):min(len(text), at+100)]
}
