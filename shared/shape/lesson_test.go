package shape_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/facet-bff/facet/shared/shape"
)

// outcome is all that a source comes to.
func outcome(s *shape.Shape, src []byte) string {
	out, err := s.Append(nil, src)
	return fmt.Sprintf("%s, %v", out, err)
}

// fresh returns a shape like s that has learned nothing.
func fresh(s *shape.Shape) *shape.Shape { return s.Depth(shape.DefaultDepth) }

// A kind of source has objects that are more or less alike, in each other and in lists.
type kind struct {
	names []int
	usual map[int][]byte
}

func randomKind(r *rand.Rand) kind {
	k := kind{names: r.Perm(len(someNames))[:1+r.IntN(len(someNames))], usual: map[int][]byte{}}
	for _, name := range k.names {
		k.usual[name] = randomValue(r, 2)
	}
	return k
}

func (k kind) random(r *rand.Rand) []byte {
	src := randomSpace(r) + randomLike(r, 2, k.names, k.usual) + randomSpace(r)
	switch r.IntN(4) {
	case 0:
		src = withMistake(r, src)
	case 1:
		src = "[" + src + "," + randomLike(r, 2, k.names, k.usual) + "]"
	}
	return []byte(src)
}

// Whatever a shape has learned, in whatever order, a source comes to the same.
func TestLessonsChangeNoResult(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 0))
		rules := compiled(randomRules(r))
		taught, err := shape.New(rules...)
		if err != nil {
			continue
		}
		usual, other := randomKind(r), randomKind(r)
		for range 30 {
			src := usual.random(r)
			switch r.IntN(10) {
			case 0:
				src = other.random(r)
			case 1:
				src = randomValue(r, 3)
			}
			if got, want := outcome(taught, src), outcome(fresh(taught), src); got != want {
				t.Fatalf("seed %d: %s\ngives %s\nwant  %s", seed, src, got, want)
			}
		}
	}
}

// FuzzLessons is the same with sources that are not random.
func FuzzLessons(f *testing.F) {
	for i, src := range valid {
		f.Add([]byte(src), []byte(valid[(i+1)%len(valid)]), uint64(i))
		f.Add([]byte(src), []byte(src), uint64(i))
	}
	for i, src := range invalid {
		f.Add([]byte(strings.ReplaceAll(src, `"b":3`, `"d":3`)), []byte(src), uint64(i))
	}
	f.Fuzz(func(t *testing.T, lesson, src []byte, seed uint64) {
		rules := compiled(randomRules(rand.New(rand.NewPCG(seed, 0))))
		taught, err := shape.New(rules...)
		if err != nil {
			return
		}
		for range 4 { // a level each time
			outcome(taught, lesson)
		}
		if got, want := outcome(taught, src), outcome(fresh(taught), src); got != want {
			t.Fatalf("%s\nafter %s\ngives %s\nwant  %s", src, lesson, got, want)
		}
	})
}

// A larger object takes the models of its members along, each to its own.
func TestLessonsThatGrow(t *testing.T) {
	s := shape.Must(shape.Drop("a.x", "c.y"))
	for _, src := range []string{
		`{"a":{"x":1,"y":2},"c":{"x":1,"y":2}}`, `{"c":{"x":1,"y":2},"a":{"x":1,"y":2},"d":0}`,
		`{"e":0,"c":{"x":1,"y":2},"a":{"x":1,"y":2},"d":0}`, `{"e":0,"d":0,"a":{"x":1,"y":2,"z":3},"b":{},"c":{"y":1}}`,
	} {
		for range 4 {
			if got, want := outcome(s, []byte(src)), outcome(fresh(s), []byte(src)); got != want {
				t.Fatalf("%s\ngives %s\nwant  %s", src, got, want)
			}
		}
	}
}

// Large and long-named sources are more than a lesson holds.
func TestMoreThanALessonHolds(t *testing.T) {
	object := func(members int, name, value string) string {
		var b strings.Builder
		for i := range members {
			fmt.Fprintf(&b, `,"%s%d":%s`, name, i, value)
		}
		return "{" + b.String()[1:] + "}"
	}
	long := strings.Repeat("long", 200)
	for _, src := range []string{
		object(64, "a", "1"), object(65, "a", "1"), object(20, "a", object(20, "b", "2")), object(20, "a", object(64, "b", "[]")),
		object(5, long, "1"), object(6, long, "1"), object(60, "a", object(2, long, object(3, "c", "null"))),
	} {
		s := shape.Must(shape.Drop("a1"), shape.Rename("a2", "b"))
		for i := range 50 {
			src := []byte(src)
			switch i % 5 {
			case 3:
				src = []byte(strings.Replace(string(src), "1", "0", 1+i/10))
			case 4:
				src = src[:len(src)-i]
			}
			if got, want := outcome(s, src), outcome(fresh(s), src); got != want {
				t.Fatalf("%s\ngives %s\nwant  %s", src, got, want)
			}
		}
	}
}

// A name that is not there must not be taken for one that was learned.
func TestLessonsOfShortSources(t *testing.T) {
	for _, name := range []string{"", "a", "abcdef", "abcdefg", "abcdefgh", "abcdefghijkl", "abcdefghijklm"} {
		for _, format := range []string{`{"%s":1}`, `{"z":{"%s":1}}`, `[{"%s":1}]`} {
			s := shape.Must()
			for range 3 {
				outcome(s, fmt.Appendf(nil, format, name))
			}
			zeros := strings.Repeat("\x00", len(name)+2)
			src := strings.Replace(fmt.Sprintf(format, "name"), `"name":1`, zeros+`:"0123456789abcdef"`, 1)
			if got, want := outcome(s, []byte(src)), outcome(fresh(s), []byte(src)); got != want {
				t.Errorf("%q after %q gives %s, want %s", src, name, got, want)
			}
		}
	}
}

// Runs that learn at the same time do not see halves of what others have learned.
func TestLessonsAtTheSameTime(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		s, kind := shape.Must(shape.Drop("c"), shape.Rename("a", "A"), shape.Keep("*")), randomKind(r)
		var sources [][]byte
		var wants []string
		for range 50 {
			src := kind.random(r)
			sources = append(sources, src)
			wants = append(wants, outcome(fresh(s), src))
		}
		var wg sync.WaitGroup
		for k := range 4 {
			wg.Go(func() {
				for i := range sources {
					i = (i + k*13) % len(sources)
					if got := outcome(s, sources[i]); got != wants[i] {
						t.Errorf("%s\ngives %s\nwant  %s", sources[i], got, wants[i])
					}
				}
			})
		}
		wg.Wait()
	}
}
