package chaos_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	// contact is what a request may lose that finds Redis gone: the time of one call of Redis,
	// and what a busy machine takes. When Redis is bypassed, a request in a hundred may lose
	// more than detour.
	contact = 50*time.Millisecond + slack
	detour  = 20 * time.Millisecond
)

// Whatever is wrong with Redis, requests are answered, in time and right; writes that must not
// be made twice are not; and when it is well again, it is used again.
func TestRedis(t *testing.T) {
	c := newCommons(t)
	for _, f := range redisFaults(c.redis.Real()) {
		if !f.short && !*full {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			var r *trial
			for range tries {
				if r = c.play(t, f); !r.late {
					break
				}
			}
			finish(t, r.line)
		})
	}
}

// A trial is one fault of Redis, and what came of it.
type trial struct {
	*commons
	redisFault
	line

	late   bool // it has failed for what a busy machine does as well
	user   string
	known  []string      // pictures that the first replica has asked for, and the second has not
	usual  time.Duration // that a request takes at most, but for one in a hundred
	notes  []string
	placed int // orders
}

func (c *commons) play(t *testing.T, f redisFault) *trial {
	t.Helper()
	r := &trial{commons: c, redisFault: f, line: line{fault: "Redis: " + f.name, endpoint: "two web replicas"}, user: c.newUser(t)}
	c.forget(t)
	r.before(t)
	f.apply(t, c)
	r.first(t)
	r.during(t)
	began := time.Now()
	f.mend(t, c)
	if !eventually(func() bool { return c.reachable(t) == len(c.replicas) && c.shared(t) }) {
		r.fails("it is not used again")
	}
	r.notes = append(r.notes, fmt.Sprintf("used again after %d", time.Since(began).Milliseconds()))
	r.after(t)
	r.status, r.time = "200", strings.Join(r.notes, ", ")+" ms"
	return r
}

func (r *trial) fails(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// before has all well, and something kept.
func (r *trial) before(t *testing.T) {
	t.Helper()
	ask("POST", r.replicas[0].Management+"/cache/purge", "", `{"all":true}`)
	if !eventually(func() bool { return r.reachable(t) == len(r.replicas) && r.shared(t) }) {
		t.Fatal("Redis is not used")
	}
	for range 8 {
		path := r.picture()
		r.known = append(r.known, path)
		ask("GET", r.replicas[0].URL+path, "", "")
	}
	r.orders(t, 0, "before", 201, false)
	r.usual = r.load(t)
}

// first asks for what nobody has, for the first time since Redis is gone.
func (r *trial) first(t *testing.T) {
	t.Helper()
	path, _ := r.page()
	a := ask("GET", r.replicas[0].URL+path, "", "")
	more := a.took - r.usual
	if a.status != 200 || a.degraded != "" && strings.Contains(a.degraded, "error") {
		r.fails("the first request: status %s, degraded %q", outcome(a), a.degraded)
	}
	if more > contact {
		r.fails("the first request took %v more", more)
		r.late = true
	}
	r.notes = append(r.notes, fmt.Sprintf("%+d / %d first", more.Milliseconds(), contact.Milliseconds()))
}

func (r *trial) during(t *testing.T) {
	t.Helper()
	reachable := len(r.replicas)
	if r.lost {
		reachable = 0
	}
	if !eventually(func() bool { r.shared(t); return r.reachable(t) == reachable }) {
		r.fails("%d replicas call Redis, want %d", r.reachable(t), reachable)
	}
	more := r.load(t) - r.usual
	if more > detour {
		r.fails("requests take %v more", more)
		r.late = true
	}
	r.notes = append(r.notes, fmt.Sprintf("%+d / %d then", more.Milliseconds(), detour.Milliseconds()))
	r.gives(t, 0, 0)
	if r.reads {
		r.gives(t, 1, 0)
	} else {
		r.gives(t, 1, len(r.known))
	}
	for n := range admitted + 1 {
		want := 200
		if n == admitted {
			want = 429
		}
		if a := ask("GET", r.replicas[0].URL+"/limited/products/p1-1.svg", r.user, ""); a.status != want {
			r.fails("request %d of %d that are let in: status %s", n+1, admitted, outcome(a))
		}
	}
	if r.reads {
		r.orders(t, 1, "before", 201, true)
	} else {
		r.orders(t, 1, "before", 503, false)
	}
	if r.writes {
		r.orders(t, 0, "during", 201, false)
	} else {
		r.orders(t, 0, "during", 503, false)
	}
	r.purges(t)
	if n := r.reachable(t); n != reachable {
		r.fails("%d replicas call Redis in the end, want %d", n, reachable)
		r.late = true
	}
}

// purges has the first replica purge what the second keeps. Whether Redis can keep the purge or
// not, the second hears of it, unless nobody can be heard.
func (r *trial) purges(t *testing.T) {
	t.Helper()
	what := `{"paths":[{"service":"catalog","path":"` + r.known[0] + `"}]}`
	a := ask("POST", r.replicas[0].Management+"/cache/purge", "", what)
	if told := strings.Contains(string(a.body), `"replicas":"told"`); a.status != 200 || told != r.writes {
		r.fails("purge: status %s: %s", outcome(a), a.body)
	}
	if !r.lost && !r.hears(t) {
		r.fails("the other replica has not heard of a purge")
	}
}

// hears reports whether the second replica asks anew for what has been purged.
func (r *trial) hears(t *testing.T) bool {
	t.Helper()
	before := r.arrived(t, "catalog")
	return eventually(func() bool {
		ask("GET", r.replicas[1].URL+r.known[0], "", "")
		return r.arrived(t, "catalog") > before
	})
}

// after looks whether a write is made once, whatever was in its way, and a purge heard of.
func (r *trial) after(t *testing.T) {
	t.Helper()
	if r.lost && !r.hears(t) {
		r.fails("the other replica never hears of a purge")
	}
	if !r.forgets {
		r.orders(t, 1, "before", 201, true)
	}
	if !r.writes {
		r.orders(t, 0, "during", 201, false)
		r.orders(t, 1, "during", 201, true)
	}
	r.calls = fmt.Sprintf("%d / 2 orders", r.placed)
}

// gives asks a replica for what is known, which costs so many calls.
func (r *trial) gives(t *testing.T, replica, want int) {
	t.Helper()
	before := r.arrived(t, "catalog")
	for _, path := range r.known {
		a := ask("GET", r.replicas[replica].URL+path, "", "")
		if a.status != 200 || !strings.HasPrefix(string(a.body), "<svg ") {
			r.fails("%s: status %s: %.100s", path, outcome(a), a.body)
		}
	}
	if calls := r.arrived(t, "catalog") - before; calls != want {
		r.fails("replica %d: %d calls for %d known answers, want %d", replica, calls, len(r.known), want)
	}
}

// orders places an order under a key.
func (r *trial) orders(t *testing.T, replica int, key string, status int, replayed bool) {
	t.Helper()
	if a := ask("PUT", r.replicas[0].URL+"/api/cart/items/p1", r.user, `{"quantity":1}`); a.status != 200 {
		r.fails("the cart: status %s: %s", outcome(a), a.body)
	}
	a := ask("POST", r.replicas[replica].URL+"/api/orders", r.user, "", "Idempotency-Key", `"`+key+`"`)
	again := a.header.Get("Idempotent-Replayed") == "true"
	if a.status != status || again != replayed || status == 503 && !a.problem() {
		r.fails("the order %s: status %s, replayed %v: %s", key, outcome(a), again, a.body)
	}
	if status == 201 && !replayed {
		r.placed++
	}
	if n := r.ordered(t); n != r.placed {
		r.fails("%d orders after %s, want %d", n, key, r.placed)
	}
}

// load asks the replicas for what none of them has, and says how long all but the slowest
// hundredth took.
func (r *trial) load(t *testing.T) time.Duration {
	t.Helper()
	const requests = 100
	var all []time.Duration
	for n := range requests {
		path, has := r.picture(), "<svg "
		if n%5 == 0 {
			path, has = r.page()
		}
		a := ask("GET", r.replicas[n%2].URL+path, "", "")
		if a.status != 200 || !strings.Contains(string(a.body), has) || strings.Contains(a.degraded, "error") {
			r.fails("%s: status %s, degraded %q: %.100s", path, outcome(a), a.degraded, a.body)
		}
		all = append(all, a.took)
	}
	slices.Sort(all)
	return all[requests*99/100-1]
}
