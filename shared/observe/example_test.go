package observe_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/facet-bff/facet/shared/observe"
)

// A gateway notes each request. What runs below finds the notes in the context.
func ExampleNewRequest() {
	in := http.Header{"X-Request-Id": {"7f3a"}, "Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
	ctx := observe.NewContext(context.Background(), observe.NewRequest(in))

	out := http.Header{}
	observe.Outgoing(ctx, out) // what the transport does for every call
	fmt.Println(observe.FromContext(ctx).RequestID(), observe.FromContext(ctx).Trace.ID())
	fmt.Println(out.Get("X-Request-Id"), out.Get("Traceparent")[:36])
	// Output:
	// 7f3a 0af7651916cd43dd8448eb211c80319c
	// 7f3a 00-0af7651916cd43dd8448eb211c80319c-
}
