package backend

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// headers gives write all header lines that the service sees: what the transport adds, and
// then the request's own.
func (o Outgoing) headers(ctx context.Context, own http.Header, left string, write func(name, value string)) {
	var room [6]string
	set := room[:0] // the names that are not own's to say
	if left != "" {
		set = append(set, TimeoutHeader)
		write(TimeoutHeader, left)
	}
	if o != nil {
		o(ctx, func(name, value string) {
			set = append(set, name)
			if value != "" {
				write(name, value)
			}
		})
	}
	for name, values := range own {
		if slices.Contains(set, name) {
			continue
		}
		for _, value := range values {
			write(name, value)
		}
	}
	if own["User-Agent"] == nil && !slices.Contains(set, "User-Agent") {
		write("User-Agent", "facet")
	}
}

// timeLeft is how many milliseconds ctx has; empty, when it has no deadline. With none left,
// nothing is worth sending.
func timeLeft(ctx context.Context) (string, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return "", nil
	}
	left := time.Until(deadline)
	if left < time.Millisecond {
		return "", context.DeadlineExceeded
	}
	return strconv.FormatInt(left.Milliseconds(), 10), nil
}
