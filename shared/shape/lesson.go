package shape

import "sync/atomic"

// A lesson is what a shape has learned from the sources so far: models for the objects of the
// next one, from the outermost on. The answers of one backend are alike, and so the members of
// the next are on their way from the start.
//
// It has names and no values, and is not changed once it is there: a run starts with a copy of
// the models. A source whose objects have more members than their models ends in the next
// lesson, one level deeper at first. There are only so many, since what is not alike costs
// time and teaches nothing.
type lesson struct {
	nth   int
	names []byte  // in quotes, with eight bytes behind them
	known []known // as scanner.known: the first is for the outermost value
}

const (
	lessons   = 32
	mostTaken = 256     // members that one lesson knows
	mostNames = 1 << 12 // bytes of their names
)

// blank teaches nothing, and no source is learned from.
var blank = &lesson{nth: lessons, known: make([]known, 1)}

// newPupil is for shapes that see many sources.
func newPupil() *atomic.Pointer[lesson] {
	p := new(atomic.Pointer[lesson])
	p.Store(&lesson{known: make([]known, 1)})
	return p
}

// recall starts a run with what the shape has learned.
func (s *scanner) recall() {
	s.lesson = blank
	if s.shape.pupil != nil {
		s.lesson = s.shape.pupil.Load()
	}
	s.known = append(s.known[:0], s.lesson.known...)
}

// learn ends a run: if it has found more than it started with, that becomes the next lesson,
// unless another run was faster.
func (s *scanner) learn() {
	if len(s.known) == len(s.lesson.known) || !s.learns() {
		return
	}
	next := &lesson{nth: s.lesson.nth + 1, known: make([]known, 1)}
	next.known[0].like = next.take(s, s.known[0].like)
	next.names = append(next.names, make([]byte, 8)...)
	for i := range next.known[1:] {
		k := &next.known[1+i]
		k.prepare(next.names, -int(k.name.at)-1)
	}
	s.shape.pupil.CompareAndSwap(s.lesson, next)
}

// learns reports whether there is a lesson to come.
func (s *scanner) learns() bool { return s.lesson.nth < lessons }

// take copies a model, and those of its members, as far as they are not too large and have no
// names with escapes.
func (l *lesson) take(s *scanner, m model) model {
	members, names := s.known[m.first:m.end], l.names
	taken := model{int32(len(l.known)), int32(len(l.known) + len(members))}
	for _, k := range members {
		if k.name.form != 0 || len(names)+int(k.name.size) > mostNames {
			return model{}
		}
		b, quote := s.source(k.name)
		names = append(names, b[quote:quote+int(k.name.size)+2]...)
	}
	if taken.end > mostTaken+1 {
		return model{}
	}
	at := len(l.names)
	l.names, l.known = names, append(l.known, members...)
	for i := taken.first; i < taken.end; i++ {
		l.known[i].name.at = -int32(at + 1)
		at += int(l.known[i].name.size) + 2
	}
	for i := taken.first; i < taken.end; i++ {
		inner := l.take(s, l.known[i].like)
		l.known[i].like = inner
	}
	return taken
}
