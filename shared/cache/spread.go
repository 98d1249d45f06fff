package cache

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/facet-bff/facet/shared/redis"
)

// Redis has the epochs of all slots in a hash, and one more field: its era. When that is
// missing, Redis has forgotten what was purged, perhaps for want of room, and a replica that
// has just begun could take purged answers in the second level for good ones. So they carry
// the era in which they were made, and count for nothing in another.

// begin begins epochs for all: later than any that Redis or the caller has seen, so that
// they end the old ones everywhere. A Redis that cannot keep them, because it is full or a
// replica, refuses, and tells the others all the same if it is to.
var begin = redis.NewScript("purge", `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local begun, refused = {}, false
for i = 2, #ARGV, 2 do
	local old = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0')
	local new = string.format('%.0f', math.max(now, old + 1, ARGV[i + 1] + 1))
	local kept = redis.pcall('HSET', KEYS[1], ARGV[i], new)
	if type(kept) == 'table' and kept.err then
		refused = kept
	end
	begun[#begun + 1] = ARGV[i] .. ' ' .. new
end
local message = table.concat(begun, ',')
if not refused or ARGV[1] == 'now' then
	redis.call('PUBLISH', KEYS[2], message)
end
return refused or message`)

// When the others are told of what Redis cannot keep: what they were told of before would be
// purged again and again.
const (
	atOnce = "now"
	later  = "later"
)

// publish purges through Redis, so that all learn of it in one order.
func (e *Epochs) publish(ctx context.Context, when string, slots []uint16) error {
	args := make([]any, 0, 1+2*len(slots))
	args = append(args, when)
	for _, slot := range slots {
		args = append(args, int(slot), strconv.FormatUint(e.slots[slot].Load(), 10))
	}
	return e.run(ctx, begin, args...)
}

// run runs a script, and does as it says.
func (e *Epochs) run(ctx context.Context, s *redis.Script, args ...any) error {
	result, err := e.redis.Run(ctx, s, []string{e.redis.Common("epochs"), e.redis.Common("purges")}, args...)
	if err != nil {
		return err
	}
	message, _ := result.(string)
	e.hear(message)
	return nil
}

// hear reads what publish has written. What cannot be read is somebody else's.
func (e *Epochs) hear(message string) {
	for one := range strings.SplitSeq(message, ",") {
		slot, epoch, _ := strings.Cut(one, " ")
		e.know(slot, epoch)
	}
}

func (e *Epochs) know(slot, epoch string) {
	n, err := strconv.ParseUint(epoch, 10, 64)
	if err != nil {
		return
	}
	if slot == "era" {
		e.era.Store(n)
	} else if s, err := strconv.ParseUint(slot, 10, slotBits); err == nil {
		e.raise(uint16(s), n)
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
func (e *Epochs) catchUp(ctx context.Context) error {
	if err := e.run(ctx, enter); err != nil {
		return err
	}
	all, err := e.redis.Hash(ctx, e.redis.Common("epochs"))
	if err != nil {
		return err
	}
	for slot := range e.slots {
		known, _ := strconv.ParseUint(all[strconv.Itoa(slot)], 10, 64) // none is 0
		if e.slots[slot].Load() > known {
			e.owe(uint16(slot))
		}
	}
	for slot, epoch := range all {
		e.know(slot, epoch)
	}
	e.deaf.Store(false)
	e.tell()
	return nil
}

// owe remembers what the others have not been told.
func (e *Epochs) owe(slots ...uint16) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, slot := range slots {
		e.untold[slot] = true
	}
}

// tell makes good for it.
func (e *Epochs) tell() {
	e.mu.Lock()
	slots := slices.Collect(maps.Keys(e.untold))
	clear(e.untold)
	e.mu.Unlock()
	const most = 500 // at a time
	for some := range slices.Chunk(slots, most) {
		if e.publish(context.Background(), later, some) != nil {
			e.owe(some...)
		}
	}
}
