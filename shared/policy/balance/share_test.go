package balance

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/discover"
)

const millis = time.Millisecond

func TestWeightsAreRespected(t *testing.T) {
	list := []discover.Instance{{URL: "a", Weight: 50}, {URL: "b", Weight: 30}, {URL: "c", Weight: 20}}
	for _, strategy := range []string{"least_loaded", "round_robin"} {
		for name, pause := range map[string]time.Duration{"idle": 20 * millis, "busy": millis / 2} { // a dozen calls at a time
			t.Run(strategy+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := with(Config{Strategy: strategy, Eject: ejects}, list...)
					const calls = 5000
					went := traffic(t, b, calls, pause, alike(6*millis, "a", "b", "c"))
					between(t, "a", went["a"], calls, 0.46, 0.54)
					between(t, "b", went["b"], calls, 0.27, 0.33)
					between(t, "c", went["c"], calls, 0.17, 0.23)
				})
			})
		}
	}
}

func TestTheSlowInstanceGetsLittle(t *testing.T) {
	for name, c := range map[string]struct {
		slow time.Duration
		most float64
	}{"twice": {10 * millis, 0.25}, "ten times": {50 * millis, 0.05}, "a hundred times": {500 * millis, 0.03}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := loaded(discover.At("a", "b", "c")...)
				instances := alike(5*millis, "a", "b")
				instances["c"] = takes(c.slow)
				const calls = 3000
				went := traffic(t, b, calls, 5*millis, instances)
				between(t, "the slow one", went["c"], calls, 0.001, c.most)
				between(t, "a", went["a"], calls, 0.3, 0.6)
			})
		})
	}
}

func TestOneThatHangsIsSeenBeforeACallHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(discover.At("a", "b", "c")...)
		traffic(t, b, 300, 10*millis, alike(5*millis, "a", "b", "c"))
		instances := alike(5*millis, "a", "b")
		instances["c"] = takes(10 * time.Second)
		went := traffic(t, b, 100, 10*millis, instances) // in one second
		between(t, "the one that hangs", went["c"], 100, 0, 0.12)
	})
}

func TestASlowInstanceIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(discover.At("a", "b")...)
		slow := alike(5*millis, "a")
		slow["b"] = takes(500 * millis)
		traffic(t, b, 200, 10*millis, slow)
		went := traffic(t, b, 3000, 10*millis, alike(5*millis, "a", "b"))
		between(t, "the one that was slow", went["b"], 3000, 0.3, 0.6)
	})
}

func TestFailuresThatAreQuickAttractNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := with(Config{Strategy: "least_loaded"}, discover.At("a", "b", "c")...) // nothing is ejected
		instances := alike(50*millis, "a", "b")
		instances["c"] = func() (time.Duration, error) { return millis / 10, errBroken }
		went := traffic(t, b, 2000, 10*millis, instances)
		between(t, "the one that fails", went["c"], 2000, 0.001, 0.02)
	})
}

func TestANewInstanceGetsItsPartByAndBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(discover.At("a", "b", "c")...)
		all := alike(20*millis, "a", "b", "c", "d")
		traffic(t, b, 500, 10*millis, all)
		b.Update(discover.At("a", "b", "c", "d"))
		for _, want := range []struct{ low, high float64 }{{0, 0.06}, {0, 0.15}, {0.02, 0.22}, {0.05, 0.25}, {0.1, 0.3}} {
			went := 0
			for range 250 { // 2.5 seconds
				call, _ := b.Begin(nil)
				if call.URL() == "d" {
					went++
				}
				time.AfterFunc(20*millis, func() { call.End(nil); call.Leave() })
				time.Sleep(10 * millis)
			}
			between(t, "the new one", went, 250, want.low, want.high)
		}
		between(t, "in the end", traffic(t, b, 2000, 10*millis, all)["d"], 2000, 0.2, 0.3)
	})
}

// What all instances answer slowly takes none of them out.
func TestAFleetThatIsSlowTogetherIsBalanced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(discover.At("a", "b", "c")...)
		traffic(t, b, 300, 10*millis, alike(5*millis, "a", "b", "c"))
		went := traffic(t, b, 3000, 10*millis, alike(800*millis, "a", "b", "c"))
		for _, url := range []string{"a", "b", "c"} {
			between(t, url, went[url], 3000, 0.28, 0.38)
		}
		if n := ejected(b); n != 0 {
			t.Errorf("%d are ejected", n)
		}
	})
}

func TestRoundRobinTakesTurnsByWeight(t *testing.T) {
	b := with(Config{Strategy: "round_robin"}, discover.Instance{URL: "a", Weight: 40}, discover.Instance{URL: "b", Weight: 20})
	var order []string
	for range 9 {
		call, _ := b.Begin(nil)
		order = append(order, call.URL())
	}
	if got := strings.Join(order, ""); got != "abaabaaba" {
		t.Errorf("the order is %s", got)
	}
}

func TestTurnsAreBounded(t *testing.T) {
	b := with(Config{Strategy: "round_robin"},
		discover.Instance{URL: "a", Weight: 65535}, discover.Instance{URL: "b", Weight: 65534}, discover.Instance{URL: "c", Weight: 1})
	v := b.view.Load()
	if n := len(v.turns); n < 900 || n > mostTurns {
		t.Errorf("there are %d turns", n)
	}
	count := map[int32]int{}
	for _, turn := range v.turns {
		count[turn]++
	}
	if count[2] != 1 || count[0]-count[1] > 1 {
		t.Errorf("%v", count)
	}
}
