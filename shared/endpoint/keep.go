package endpoint

import (
	"strconv"
	"time"
)

// Header values that answers share; nobody changes them.
var (
	noStore        = []string{"no-store"}
	noCache        = []string{"no-cache"}
	privateNoCache = []string{"private, no-cache"}
)

// control is the answer's Cache-Control, the strictest of its parts'. Without a part's own word
// for it nobody else may use the answer without asking: for how long the gateway keeps something
// by its configuration is the gateway's affair.
func (a answer) control(somebodys bool) []string {
	private := somebodys || a.keeping.Private
	switch left := int64(a.left() / time.Second); {
	case a.degraded != "" || !a.safe || a.keeping.Never:
		return noStore
	case a.keeping.Silent || left <= 0:
		if private {
			return privateNoCache
		}
		return noCache
	case private:
		return []string{"private, max-age=" + strconv.FormatInt(left, 10)}
	default:
		return []string{"max-age=" + strconv.FormatInt(left, 10)}
	}
}

// keepFor is for how long the gateway may keep the answer whole, at most d.
func (a answer) keepFor(d time.Duration) time.Duration {
	switch {
	case a.degraded != "" || a.keeping.Never || a.keeping.Private:
		return 0
	case a.keeping.Until.IsZero():
		return d
	}
	return min(d, a.left())
}

// left is how long all parts are fresh yet, if they have an end of their time.
func (a answer) left() time.Duration { return time.Until(a.keeping.Until) }
