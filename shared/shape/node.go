package shape

import (
	"fmt"
	"math/bits"
)

// A node is what becomes of one value: of the members if it is an object, of the elements
// if it is an array. Nodes of recursive types point back at themselves.
type node struct {
	fields []field
	rest   *node // of members that no field names; nil drops them
	elem   *node // of the elements of an array

	// An open-addressed hash table of the fields, at most a quarter full, so that
	// nearly every look-up takes one probe. slots holds an index into fields, plus one.
	slots []uint16
	shift uint
	sieve uint64 // has a bit for every field's hash: most unknown names end here

	defaults int  // how many fields have one
	renames  bool // some field is written under another name
}

// whole marks a value that is copied as it is.
var whole = &node{}

// A field is a member that a shape names.
type field struct {
	name   string
	as     string
	quoted string // `,"as":`
	sub    *node  // nil drops it
	value  []byte // the default, or nil
	same   bool   // it is kept whole and under its name
	bit    uint64 // says that a member with a default was there
	hash   uint64
}

const maxFields = 1 << 12

// index makes the fields of n ready for look-ups. The path is for messages.
func (n *node) index(path string) error {
	if len(n.fields) > maxFields {
		return fmt.Errorf("shape: %s names %d members; %d are possible", path, len(n.fields), maxFields)
	}
	size := uint(bits.Len(uint(4*len(n.fields) + 1)))
	n.slots, n.shift = make([]uint16, 1<<size), 64-size
	taken := make(map[string]string, len(n.fields))
	for i := range n.fields {
		f := &n.fields[i]
		f.hash = hash([]byte(f.name))
		f.quoted = "," + string(appendQuoted(nil, f.as)) + ":"
		n.place(f, uint16(i+1))
		if f.sub == nil {
			continue
		}
		if other, ok := taken[f.as]; ok {
			return fmt.Errorf("shape: %s/%s and %s/%s would both be named %q", path, other, path, f.name, f.as)
		}
		taken[f.as] = f.name
		n.renames = n.renames || f.as != f.name
		f.same = f.sub == whole && f.as == f.name
		if f.value != nil {
			f.bit = 1 << n.defaults
			n.defaults++
		}
	}
	if n.defaults > 64 {
		return fmt.Errorf("shape: %s has %d defaults; 64 are possible in one object", path, n.defaults)
	}
	return nil
}

func (n *node) place(f *field, slot uint16) {
	n.sieve |= 1 << (f.hash >> 58)
	k := f.hash >> n.shift
	for n.slots[k] != 0 {
		k = (k + 1) & uint64(len(n.slots)-1)
	}
	n.slots[k] = slot
}

// skipped and other stand for fields: of a member that is dropped, and of one without a field.
const (
	skipped = maxFields + iota
	other
)

// find returns the index of the field that names m, or skipped or other.
func (n *node) find(s *scanner, m name) uint16 {
	if n.sieve&m.bit() == 0 {
		return other
	}
	return n.probe(s, m)
}

// probe is what find does for the few names that get through the sieve.
func (n *node) probe(s *scanner, m name) uint16 {
	for k := m.hash >> n.shift; ; k = (k + 1) & uint64(len(n.slots)-1) {
		slot := n.slots[k]
		if slot == 0 {
			return other
		}
		if f := &n.fields[slot-1]; f.hash == m.hash && string(s.spell(m)) == f.name {
			if f.sub == nil {
				return skipped
			}
			return slot - 1
		}
	}
}

// gives reports whether a field is written under that name.
func (n *node) gives(as []byte) bool {
	for i := range n.fields {
		if f := &n.fields[i]; f.sub != nil && f.as == string(as) {
			return true
		}
	}
	return false
}
