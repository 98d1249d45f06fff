package discover

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestLooksAreAtIntervalsAndSoonerAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks, fail atomic.Int64
		source := poll{every: 5 * time.Second, find: func(context.Context) ([]Instance, error) {
			looks.Add(1)
			if fail.Load() == 1 {
				return nil, errors.New("ill")
			}
			return At("a"), nil
		}}
		l := &listener{}
		stop := Start(source, l.tell)
		time.Sleep(21 * time.Second)
		if synctest.Wait(); looks.Load() != 5 {
			t.Errorf("%d looks", looks.Load())
		}
		if lists, _ := l.told(); len(lists) != 1 {
			t.Errorf("what has not changed is told: %q", lists)
		}
		fail.Store(1)
		looks.Store(0)
		time.Sleep(16 * time.Second) // 5 at most, then after 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5
		if synctest.Wait(); looks.Load() < 7 || looks.Load() > 9 {
			t.Errorf("%d looks that fail", looks.Load())
		}
		fail.Store(0)
		time.Sleep(5 * time.Second)
		stop()
		if lists, errs := l.told(); len(lists) != 2 || len(errs) < 6 {
			t.Errorf("told %q, %q", lists, errs)
		}
		looks.Store(0)
		if time.Sleep(time.Minute); looks.Load() != 0 {
			t.Error("stopped, and looks on")
		}
	})
}

func TestALookThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := poll{every: time.Minute, find: func(ctx context.Context) ([]Instance, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		l := &listener{}
		stop := Start(source, l.tell)
		time.Sleep(patience + time.Millisecond)
		if _, errs := l.told(); len(errs) != 1 {
			t.Errorf("told %q", errs)
		}
		time.Sleep(time.Second) // the next look hangs
		start := time.Now()
		stop()
		if time.Since(start) != 0 {
			t.Errorf("stopping took %v", time.Since(start))
		}
		if _, errs := l.told(); len(errs) != 1 {
			t.Errorf("a look that was ended is told as a failure: %q", errs)
		}
	})
}

func TestFindingNothingIsAFailure(t *testing.T) {
	_, err := once(t, poll{find: func(context.Context) ([]Instance, error) { return nil, nil }})
	if err == nil {
		t.Error("an empty list was told")
	}
}

func TestEachInstanceIsThereOnce(t *testing.T) {
	got := show(In([]Instance{{URL: "http://b/"}, {URL: "http://a", Weight: 2, Priority: 1}, {URL: "http://a/", Weight: 3}, {URL: "http://b"}}))
	if got != "http://a*3/0 http://b*1/0" {
		t.Errorf("got %s", got)
	}
}

func TestWhatInstancesAreCalled(t *testing.T) {
	for want, c := range map[string]Config{
		"shop.test:8443": {DNS: &DNSConfig{URL: "https://shop.test:8443/api"}},
		"":               {SRV: &SRVConfig{Name: "x"}},
		"shop.test":      {Other: &OtherConfig{Name: "x", Host: "shop.test"}},
	} {
		if got := c.Host(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOtherSources(t *testing.T) {
	makers := map[string]Maker{"list": func(settings map[string]string) (Source, error) {
		if settings["of"] == "" {
			return nil, errors.New("of is required")
		}
		return poll{find: func(context.Context) ([]Instance, error) { return At(settings["of"]), nil }}, nil
	}}
	for why, other := range map[string]OtherConfig{
		"": {Name: "list", Settings: map[string]string{"of": "http://a"}},
		`other.name: this program does not bring along "tree", but only ["list"]`: {Name: "tree"},
		"other.settings: of is required":                                          {Name: "list"},
	} {
		source, err := Config{Other: &other}.Source(makers)
		if why != "" {
			if err == nil || err.Error() != why {
				t.Errorf("got %v, want %s", err, why)
			}
			continue
		}
		if got, err := once(t, source); err != nil || got != "http://a*1/0" {
			t.Errorf("got %s, %v", got, err)
		}
	}
}
