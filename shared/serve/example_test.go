package serve_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/facet-bff/facet/shared/serve"
)

// A server runs until its context is done, and then drains.
func Example() {
	s := &serve.Server{
		Config: serve.Config{Address: "127.0.0.1:0", Drain: serve.Drain{Timeout: time.Second}},
		Public: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello")
		}),
		Management: http.NotFoundHandler(),
		Log:        slog.New(slog.DiscardHandler),
	}
	public, operators, err := s.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx, public, operators) }()

	res, err := http.Get("http://" + public.Addr().String())
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	fmt.Println(string(body), s.Ready())

	stop()
	fmt.Println(<-ended, s.Ready())
	http.DefaultClient.CloseIdleConnections()
	// Output:
	// hello <nil>
	// <nil> the gateway is stopping
}
