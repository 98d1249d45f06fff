package shape

import "hash/maphash"

// A nameSet holds the names of one open object, to find a second member of a name. Its
// names are on top of the scanner's stack, since inner objects are left before outer ones.
//
// Names are looked for in three stages: a sieve of 64 bits, which settles nearly all of
// them; a run over the hashes, while there are few; a hash table with a secret seed, beyond.
// So no source can make it quadratic.
type nameSet struct {
	sieve uint64 // the top six bits of every hash
	first int    // in scanner.names
	table int    // in scanner.tables, if large
	large bool
}

// fewNames is where a run over the names becomes dearer than a table.
const fewNames = 32

// enter starts the set of an object with the names on its way so far.
func (s *scanner) enter(w *walk) nameSet {
	set := nameSet{first: len(s.names)}
	for k := w.first; k < w.at; k++ {
		if w.missing>>(k-w.first)&1 == 0 {
			s.add(&set, s.known[k].name)
		}
	}
	return set
}

// leave ends the set of an object that ends at i. It becomes the model of what is like it, if
// it has more members than the model and there may be more of its kind. What becomes of it is
// n, or nil if it is not projected. In camel case a name that is kept depends on others, and
// so there are no models.
func (s *scanner) leave(set *nameSet, i, like int, n *node) {
	if like != alone && !s.shape.camel && i >= 0 && len(s.known) < enoughKnown {
		k, size := &s.known[like], len(s.names)-set.first
		if size > int(k.like.end-k.like.first) && size <= mostKnown && s.recurs(i, like) {
			s.record(set, like, n)
		}
	}
	s.names = s.names[:set.first]
	if set.large {
		s.tables = s.tables[:set.table]
	}
}

// recurs reports whether there may be another object like the one that ends at i: in the next
// source, if the shape still learns, or behind it. An array's only element has none.
func (s *scanner) recurs(i, like int) bool {
	member := s.known[like].name.at != 0
	return s.learns() && (member || like == 0) || i+8 <= len(s.src) && (member || s.src[i] == ',')
}

// add reports whether m was not in the set.
func (s *scanner) add(set *nameSet, m name) bool {
	if set.sieve&m.bit() != 0 {
		return s.addSlowly(set, m)
	}
	set.sieve |= m.bit()
	s.names = append(s.names, m)
	return true
}

func (s *scanner) addSlowly(set *nameSet, m name) bool {
	if !set.large && len(s.names)-set.first < fewNames {
		for _, other := range s.names[set.first:] {
			if other.hash == m.hash && s.same(other, m) {
				return false
			}
		}
		s.names = append(s.names, m)
		return true
	}
	if !set.large {
		set.large, set.table, set.sieve = true, len(s.tables), ^uint64(0)
		for i := range s.names[set.first:] {
			other := &s.names[set.first+i]
			other.hash = maphash.Bytes(seed, s.spell(*other))
		}
		s.rebuild(set)
	}
	m.hash = maphash.Bytes(seed, s.spell(m))
	return s.addLarge(set, m)
}

// seed keeps the hashes of large objects secret. Those of small ones are cheap and known.
var seed = maphash.MakeSeed()

// addLarge adds m to a set that has a table. m.hash is seeded.
func (s *scanner) addLarge(set *nameSet, m name) bool {
	members := s.names[set.first:]
	table := s.tables[set.table:]
	k := m.hash & uint64(len(table)-1)
	for ; table[k] != 0; k = (k + 1) & uint64(len(table)-1) {
		if other := members[table[k]-1]; other.hash == m.hash && s.same(other, m) {
			return false
		}
	}
	s.names = append(s.names, m)
	table[k] = uint32(len(members) + 1)
	if 2*len(members) > len(table) {
		s.rebuild(set)
	}
	return true
}

// rebuild gives the set a table of four slots for each of its names.
func (s *scanner) rebuild(set *nameSet) {
	members := s.names[set.first:]
	size := 4 * fewNames
	for size < 4*len(members) {
		size *= 2
	}
	s.tables = append(s.tables[:set.table], make([]uint32, size)...)
	table := s.tables[set.table:]
	for i, m := range members {
		k := m.hash & uint64(size-1)
		for table[k] != 0 {
			k = (k + 1) & uint64(size-1)
		}
		table[k] = uint32(i + 1)
	}
}

// same reports whether two names whose hashes are equal are spelled alike.
func (s *scanner) same(a, b name) bool {
	return a.form&camel == b.form&camel && string(s.respell(0, a)) == string(s.respell(1, b))
}
