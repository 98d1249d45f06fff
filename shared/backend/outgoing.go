package backend

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// An outgoingHeader is what the service sees of one request's headers, as lines or, where
// write is set, as whatever that makes of each.
type outgoingHeader struct {
	lines []byte
	write func(name, value string)

	set []string // names that are not the request's to say
}

// all is everything: what the transport adds, and then the request's own. Of left, see timeLeft.
func (h *outgoingHeader) all(ctx context.Context, outgoing Outgoing, own http.Header, left time.Duration) {
	if left > 0 {
		h.set = append(h.set, timeoutHeader)
		h.addNumber(timeoutHeader, left.Milliseconds())
	}
	if outgoing != nil {
		outgoing(ctx, h)
	}
	for name, values := range own {
		if slices.Contains(h.set, name) {
			continue
		}
		for _, value := range values {
			h.add(name, value)
		}
	}
	if own["User-Agent"] == nil && !slices.Contains(h.set, "User-Agent") {
		h.add("User-Agent", "facet")
	}
}

// Set is for an Outgoing.
func (h *outgoingHeader) Set(name, value string) {
	h.set = append(h.set, name)
	if value != "" {
		h.add(name, value)
	}
}

// add adds a line. Names and values have been checked when they came in.
func (h *outgoingHeader) add(name, value string) {
	if h.write != nil {
		h.write(name, value)
		return
	}
	h.lines = append(h.lines, name...)
	h.lines = append(h.lines, ": "...)
	h.lines = append(h.lines, value...)
	h.lines = append(h.lines, "\r\n"...)
}

func (h *outgoingHeader) addNumber(name string, n int64) {
	if h.write != nil {
		h.write(name, strconv.FormatInt(n, 10))
		return
	}
	h.lines = append(h.lines, name...)
	h.lines = append(h.lines, ": "...)
	h.lines = strconv.AppendInt(h.lines, n, 10)
	h.lines = append(h.lines, "\r\n"...)
}

// timeLeft is how much time ctx has; 0, when it has no deadline. With less than a millisecond
// left, nothing is worth sending.
func timeLeft(ctx context.Context) (time.Duration, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0, nil
	}
	left := time.Until(deadline)
	if left < time.Millisecond {
		return 0, context.DeadlineExceeded
	}
	return left, nil
}
