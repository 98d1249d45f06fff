package balance

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

// fail makes n calls to an instance fail.
func fail(t *testing.T, b *Balancer, url string, n int) {
	t.Helper()
	end(t, b, url, n, errBroken)
}

func end(t *testing.T, b *Balancer, url string, n int, err error) {
	t.Helper()
	for _, i := range b.all {
		if i.url == url {
			for range n {
				i.inFlight.Add(1)
				call := Call{to: i, began: b.now()}
				call.End(err)
				call.Leave()
			}
			return
		}
	}
	t.Fatalf("there is no %s", url)
}

func left(t *testing.T, b *Balancer, url string) time.Duration {
	t.Helper()
	until := of(t, b, url).EjectedUntil
	if until.IsZero() {
		return 0
	}
	return time.Until(until).Round(time.Second)
}

func TestFailuresInARowEject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(discover.At("a", "b", "c")...)
		fail(t, b, "a", 4)
		end(t, b, "a", 1, nil)
		fail(t, b, "a", 4)
		end(t, b, "a", 5, errGone) // says nothing
		if ejected(b) != 0 {
			t.Fatal("ejected for failures that are not in a row")
		}
		fail(t, b, "a", 1)
		if left(t, b, "a") != 10*time.Second {
			t.Fatalf("ejected for %v", left(t, b, "a"))
		}
		for range 200 {
			call, _ := b.Begin(nil)
			if call.URL() == "a" {
				t.Fatal("an ejected instance was picked")
			}
			call.Leave()
		}
		time.Sleep(11 * time.Second)
		went := traffic(t, b, 3000, 10*millis, alike(millis, "a", "b", "c"))
		between(t, "back again", went["a"], 3000, 0.1, 0.4)
	})
}

func TestTheTimeOfEjectionGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(discover.At("a", "b", "c")...)
		fail(t, b, "a", 5)
		for _, seconds := range []int{10, 20, 40, 80, 160, 300, 300} {
			want := time.Duration(seconds) * time.Second
			if got := left(t, b, "a"); got != want {
				t.Errorf("ejected for %v, want %v", got, want)
			}
			time.Sleep(want + time.Second)
			_, _ = b.Begin(nil)
			if ejected(b) != 0 {
				t.Error("it is not back")
			}
			fail(t, b, "a", 1) // one is enough now
		}
		time.Sleep(301 * time.Second)
		_, _ = b.Begin(nil)
		end(t, b, "a", 1, nil)
		fail(t, b, "a", 5)
		if got := left(t, b, "a"); got != 300*time.Second {
			t.Errorf("well for a moment: ejected for %v", got)
		}
		time.Sleep(301 * time.Second)
		_, _ = b.Begin(nil)
		time.Sleep(301 * time.Second)
		end(t, b, "a", 1, nil)
		fail(t, b, "a", 5)
		if got := left(t, b, "a"); got != 10*time.Second {
			t.Errorf("well for long: ejected for %v", got)
		}
	})
}

func TestNeverMoreThanHalfAreEjected(t *testing.T) {
	for n := range 12 {
		synctest.Test(t, func(t *testing.T) {
			var list []discover.Instance
			for i := range n {
				list = append(list, discover.Instance{URL: strconv.Itoa(i), Weight: 1, Priority: rand.IntN(2)})
			}
			b := loaded(list...)
			for range 20 * n {
				fail(t, b, strconv.Itoa(rand.IntN(n)), 1+rand.IntN(5))
				if got := ejected(b); got > n/2 {
					t.Fatalf("%d of %d are ejected", got, n)
				}
				if _, ok := b.Begin(nil); !ok {
					t.Fatal("nothing to pick")
				}
				time.Sleep(time.Duration(rand.IntN(3)) * time.Second)
			}
		})
	}
}

func TestAnInstanceThatIsMuchSlowerIsEjected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := with(Config{Strategy: "round_robin", Eject: ejects}, discover.At("a", "b", "c")...)
		instances := alike(10*millis, "a", "b")
		instances["c"] = takes(80 * millis)
		n := 0
		for ; n < 1000 && ejected(b) == 0; n++ {
			call, _ := b.Begin(nil)
			took, _ := instances[call.URL()]()
			time.AfterFunc(took, func() { call.End(nil); call.Leave() })
			time.Sleep(10 * millis)
		}
		if left(t, b, "c") == 0 || n < 300 {
			t.Errorf("after %d calls it is ejected for %v", n, left(t, b, "c"))
		}
	})
}

func TestOneSlowAnswerEjectsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := with(Config{Strategy: "round_robin", Eject: ejects}, discover.At("a", "b", "c")...)
		n := 0
		sometimes := func() (time.Duration, error) {
			if n++; n%5 == 0 {
				return time.Second, nil
			}
			return millis, nil
		}
		traffic(t, b, 1000, 10*millis, map[string]behaviour{"a": sometimes, "b": takes(millis), "c": takes(millis)})
		if got := observetest.Sum(t, b.metrics.Registry(), "facet_service_ejections_total"); got != 0 {
			t.Errorf("%v ejections", got)
		}
	})
}

func TestBackupsAreForWhenTooFewAreLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := discover.At("a", "b", "c", "d")
		list[2].Priority, list[3].Priority = 1, 2
		b := loaded(list...)
		picked := func() map[string]bool {
			urls := map[string]bool{}
			for range 200 {
				call, _ := b.Begin(nil)
				urls[call.URL()] = true
				call.Leave()
			}
			return urls
		}
		if got := picked(); len(got) != 2 || !got["a"] || !got["b"] {
			t.Errorf("all are well: %v", got)
		}
		fail(t, b, "a", 5)
		if got := picked(); len(got) != 1 || !got["b"] {
			t.Errorf("half are well: %v", got)
		}
		fail(t, b, "b", 5)
		if got := picked(); len(got) != 2 || !got["c"] || !got["d"] {
			t.Errorf("none is well: %v", got)
		}
		time.Sleep(time.Minute)
		if got := picked(); got["c"] || got["d"] {
			t.Errorf("they are back: %v", got)
		}
	})
}

func TestPanic(t *testing.T) {
	b := loaded(discover.At("a", "b", "c", "d", "e")...)
	sicken := func(urls ...string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, i := range b.all {
			for _, u := range urls {
				i.sick = i.sick || i.url == u
			}
		}
		b.renew(b.now())
	}
	sicken("a", "b")
	if _, panics := b.State(); panics || len(b.view.Load().drawn) != 3 {
		t.Error("three of five are enough")
	}
	sicken("c")
	if _, panics := b.State(); !panics || len(b.view.Load().drawn) != 5 {
		t.Error("two of five are too few, and not all are used")
	}
	sicken("d", "e")
	if _, ok := b.Begin(nil); !ok {
		t.Error("all are sick, and none is used")
	}
	fail(t, b, "a", 50)
	if ejected(b) != 0 {
		t.Error("one is ejected although too few are left")
	}
}
