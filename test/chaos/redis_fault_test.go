package chaos_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/redis/redistest"
)

// A redisFault is one thing that goes wrong with Redis.
type redisFault struct {
	name  string
	short bool
	real  bool // miniredis cannot do it

	lost    bool // it is bypassed, until it is mended
	reads   bool // what was kept can be read
	writes  bool // something new can be kept
	forgets bool // what was kept is gone afterwards

	apply, mend func(t *testing.T, c *commons)
}

// redisFaults are all that the Redis of a test can have; genuine is a real one.
func redisFaults(genuine bool) []redisFault {
	all := append(lostRedis(), strangeRedis()...)
	if !genuine {
		all = slices.DeleteFunc(all, func(f redisFault) bool { return f.real })
	}
	return all
}

// poisoned puts a toxic into the connections to Redis that are there, and into new ones.
func poisoned(toxic string) func(*testing.T, *commons) {
	return func(t *testing.T, c *commons) {
		t.Helper()
		if _, err := c.network.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			t.Fatal(err)
		}
	}
}

func clean(_ *testing.T, c *commons) { c.network.Toxics.ResetToxics(context.Background()) }

// impersonated has somebody else answer in the place of Redis.
func impersonated(b behaviour) func(*testing.T, *commons) {
	return func(t *testing.T, c *commons) {
		t.Helper()
		c.front.change(t, b, "")
	}
}

func itself(t *testing.T, c *commons) {
	t.Helper()
	c.front.mend(t)
}

// can is what the test cannot go on without.
func can(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func lostRedis() []redisFault {
	return []redisFault{
		{
			name: "killed", lost: true, forgets: true,
			apply: func(_ *testing.T, c *commons) { c.redis.Kill() },
			mend:  func(t *testing.T, c *commons) { t.Helper(); can(t, c.redis.Restart()) },
		},
		{
			name: "frozen (STOP)", lost: true, real: true,
			apply: func(t *testing.T, c *commons) { t.Helper(); can(t, c.redis.Freeze()) },
			mend:  func(t *testing.T, c *commons) { t.Helper(); can(t, c.redis.Thaw()) },
		},
		{name: "2 s late", lost: true, short: true, apply: poisoned(`{"type":"latency","attributes":{"latency":2000}}`), mend: clean},
		{name: "no byte comes back", lost: true, apply: poisoned(`{"type":"timeout","attributes":{"timeout":0}}`), mend: clean},
		{name: "no byte arrives", lost: true, apply: poisoned(`{"type":"timeout","stream":"upstream","attributes":{"timeout":0}}`), mend: clean},
		{name: "resets", lost: true, apply: poisoned(`{"type":"reset_peer","attributes":{"timeout":0}}`), mend: clean},
		{name: "ends after 3 bytes", lost: true, apply: poisoned(`{"type":"limit_data","attributes":{"bytes":3}}`), mend: clean},
		{name: "refuses connections", lost: true, apply: func(_ *testing.T, c *commons) { c.front.refuse() }, mend: itself},
		{name: "speaks HTTP", lost: true, apply: impersonated(saysAtOnce("HTTP/1.1 400 Bad Request\r\n\r\n")), mend: itself},
		{name: "talks without end", lost: true, apply: impersonated(babbles), mend: itself},
		{
			name: "restarted, and loading", lost: true, real: true,
			apply: loading, mend: func(t *testing.T, c *commons) { t.Helper(); must(t, c.redis, "CONFIG", "SET", "key-load-delay", "0") },
		},
	}
}

// babbles sends what never becomes an answer.
func babbles(v *visit) {
	_, _ = v.Read(make([]byte, 64<<10))
	for v.send(strings.Repeat("babble ", 1000)) {
	}
}

// loading has Redis start anew with so much to load that it takes until it is told to hurry.
func loading(t *testing.T, c *commons) {
	t.Helper()
	must(t, c.redis, "CONFIG", "SET", "rdbcompression", "no")
	must(t, c.redis, "EVAL", `for i = 1, 2000 do redis.call('SET', 'ballast' .. i, string.rep('x', 2000), 'EX', 600) end return 'done'`, "0")
	must(t, c.redis, "SAVE")
	c.redis.Kill()
	c.redis.Args = []string{"--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"}
	can(t, c.redis.Restart())
	c.redis.Args = nil
	if answer, err := c.redis.Do("GET", "ballast1"); !strings.HasPrefix(answer, "-LOADING") {
		t.Fatalf("it is not loading: %q, %v", answer, err)
	}
}

// spoil replaces all that Redis keeps for the gateway.
const spoil = `
local keys, another = redis.call('KEYS', ARGV[1]), ''
for i, key in ipairs(keys) do
	local was = redis.call('GET', key)
	local spoilt = ({
		'garbage', '', string.sub(was, 1, -2), string.char(string.byte(was) + 1) .. string.sub(was, 2),
		string.sub(was, 1, 20) .. '!' .. string.sub(was, 22), another,
	})[i % 7]
	if spoilt then
		redis.call('SET', key, spoilt, 'KEEPTTL')
	else
		redis.call('DEL', key)
		redis.call('RPUSH', key, was)
	end
	another = was
end
return #keys`

func strangeRedis() []redisFault {
	const ours = "facet:2:bff-web:*"
	return []redisFault{
		{
			name: "all that it keeps is garbage", short: true, writes: true, forgets: true,
			apply: func(t *testing.T, c *commons) { t.Helper(); must(t, c.redis, "EVAL", spoil, "0", ours) },
			mend: func(t *testing.T, c *commons) {
				t.Helper()
				must(t, c.redis, "EVAL", `for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end return 'done'`, "0", ours)
			},
		},
		{
			name: "full", short: true, real: true, reads: true,
			apply: func(t *testing.T, c *commons) {
				t.Helper()
				must(t, c.redis, "CONFIG", "SET", "maxmemory-policy", "noeviction")
				must(t, c.redis, "SET", "ballast", strings.Repeat("x", 1<<20), "EX", "600")
				must(t, c.redis, "CONFIG", "SET", "maxmemory", "1mb")
				if answer, err := c.redis.Do("SET", "more", "x"); !strings.HasPrefix(answer, "-OOM") {
					t.Fatalf("it is not full: %q, %v", answer, err)
				}
			},
			mend: func(t *testing.T, c *commons) {
				t.Helper()
				must(t, c.redis, "CONFIG", "SET", "maxmemory", "0")
			},
		},
		demoted(),
	}
}

// demoted is a failover: another Redis takes over, with all that there is, and after a while
// the address leads to it. Connections that are there stay.
func demoted() redisFault {
	var other *redistest.Server
	return redisFault{
		name: "demoted, and the address moves", real: true, reads: true,
		apply: func(t *testing.T, c *commons) {
			t.Helper()
			other = redistest.Start(t)
			for _, server := range []*redistest.Server{other, c.redis} {
				must(t, server, "CONFIG", "SET", "repl-diskless-sync-delay", "0")
			}
			follow(t, other, c.redis)
			must(t, other, "REPLICAOF", "NO", "ONE")
			follow(t, c.redis, other)
			if answer, err := c.redis.Do("SET", "more", "x"); !strings.HasPrefix(answer, "-READONLY") {
				t.Fatalf("it is not a replica: %q, %v", answer, err)
			}
		},
		mend: func(t *testing.T, c *commons) {
			t.Helper()
			c.front.lead(other.Address)
			t.Cleanup(func() {
				must(t, c.redis, "REPLICAOF", "NO", "ONE")
				c.front.mend(t)
			})
		},
	}
}

// follow makes a Redis the replica of another.
func follow(t *testing.T, replica, primary *redistest.Server) {
	t.Helper()
	host, port, err := net.SplitHostPort(primary.Address)
	can(t, err)
	must(t, replica, "REPLICAOF", host, port)
	redistest.Eventually(t, "the replica has all", func() bool {
		return strings.Contains(must(t, replica, "INFO", "replication"), "master_link_status:up")
	})
}
