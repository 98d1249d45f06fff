package cache

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/facet-bff/facet/shared/redis"
)

// Redis has the generations of all slots in a hash, and one more field: its era. When that is
// missing, Redis has forgotten what was purged, perhaps for want of room, and a replica that
// has just begun could take purged answers in the second level for good ones. So they carry
// the era in which they were made, and count for nothing in another.

// begin begins generations for all: later than any that Redis or the caller has seen, so that
// they end the old ones everywhere.
var begin = redis.NewScript("purge", `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local begun = {}
for i = 1, #ARGV, 2 do
	local old = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0')
	local new = string.format('%.0f', math.max(now, old + 1, ARGV[i + 1] + 1))
	redis.call('HSET', KEYS[1], ARGV[i], new)
	begun[#begun + 1] = ARGV[i] .. ' ' .. new
end
local message = table.concat(begun, ',')
redis.call('PUBLISH', KEYS[2], message)
return message`)

// publish purges through Redis, so that all learn of it in one order.
func (g *Generations) publish(ctx context.Context, slots []uint16) error {
	args := make([]any, 0, 2*len(slots))
	for _, slot := range slots {
		args = append(args, int(slot), strconv.FormatUint(g.slots[slot].Load(), 10))
	}
	return g.run(ctx, begin, args...)
}

// run runs a script, and does as it says.
func (g *Generations) run(ctx context.Context, s *redis.Script, args ...any) error {
	result, err := g.redis.Run(ctx, s, []string{g.redis.Common("generations"), g.redis.Common("purges")}, args...)
	if err != nil {
		return err
	}
	message, _ := result.(string)
	g.hear(message)
	return nil
}

// hear reads what publish has written. What cannot be read is somebody else's.
func (g *Generations) hear(message string) {
	for one := range strings.SplitSeq(message, ",") {
		slot, generation, _ := strings.Cut(one, " ")
		g.know(slot, generation)
	}
}

func (g *Generations) know(slot, generation string) {
	n, err := strconv.ParseUint(generation, 10, 64)
	if err != nil {
		return
	}
	if slot == "era" {
		g.era.Store(n)
	} else if s, err := strconv.ParseUint(slot, 10, slotBits); err == nil {
		g.raise(uint16(s), n)
	}
}

// enter begins an era unless there is one.
var enter = redis.NewScript("era", `
local era = redis.call('HGET', KEYS[1], 'era')
if not era then
	local time = redis.call('TIME')
	era = string.format('%.0f', time[1] * 1000000 + time[2])
	redis.call('HSET', KEYS[1], 'era', era)
	redis.call('PUBLISH', KEYS[2], 'era ' .. era)
end
return 'era ' .. era`)

// catchUp learns what has been purged in silence. What Redis has forgotten, because it began
// anew, it is told again.
func (g *Generations) catchUp(ctx context.Context) error {
	if err := g.run(ctx, enter); err != nil {
		return err
	}
	all, err := g.redis.Hash(ctx, g.redis.Common("generations"))
	if err != nil {
		return err
	}
	for slot := range g.slots {
		known, _ := strconv.ParseUint(all[strconv.Itoa(slot)], 10, 64) // none is 0
		if g.slots[slot].Load() > known {
			g.owe(uint16(slot))
		}
	}
	for slot, generation := range all {
		g.know(slot, generation)
	}
	g.deaf.Store(false)
	g.tell()
	return nil
}

// owe remembers what the others have not been told.
func (g *Generations) owe(slots ...uint16) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, slot := range slots {
		g.untold[slot] = true
	}
}

// tell makes good for it.
func (g *Generations) tell() {
	g.mu.Lock()
	slots := slices.Collect(maps.Keys(g.untold))
	clear(g.untold)
	g.mu.Unlock()
	const atOnce = 500
	for some := range slices.Chunk(slots, atOnce) {
		if g.publish(context.Background(), some) != nil {
			g.owe(some...)
		}
	}
}
