package balance

// eject leaves an instance out for a while, if enough others are left.
func (b *Balancer) eject(i *Instance, now int64, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ejectLocked(i, now, reason)
}

func (b *Balancer) ejectLocked(i *Instance, now int64, reason string) {
	if i.until > 0 || i.removed.Load() || !b.spares(i) {
		return
	}
	i.ejections++
	i.until = now + b.span(i)
	i.pardon.Store(0)
	b.metrics.Ejected(b.service, reason)
	b.renew(now)
}

// spares reports whether at least half of the instances are well without i.
func (b *Balancer) spares(i *Instance) bool {
	out := 1
	for _, other := range b.all {
		if other != i && !other.well() {
			out++
		}
	}
	return 2*out <= len(b.all)
}

// span is for how long an instance is ejected: twice as long as the time before.
func (b *Balancer) span(i *Instance) int64 {
	base, most := int64(b.config.Eject.Base), int64(b.config.Eject.Max)
	span := base
	for range i.ejections - 1 {
		if span = 2 * span; span >= most {
			break
		}
	}
	return max(min(span, most), base)
}

// readmit takes an instance back whose time is over. It is ejected again with the first
// call that fails, unless one succeeds before. It needs mu.
func (b *Balancer) readmit(i *Instance, now int64) {
	if i.until == 0 || now < i.until {
		return
	}
	i.until = 0
	i.since.Store(now)
	i.failures.Store(max(int64(b.config.Eject.Failures)-1, 0))
	i.pardon.Store(now + b.span(i))
}

// forgive forgets the ejections of an instance that has been well for long enough.
func (b *Balancer) forgive(i *Instance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i.until == 0 {
		i.ejections = 0
		i.pardon.Store(0)
	}
}
