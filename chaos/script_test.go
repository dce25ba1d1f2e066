package chaos

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func seeded(seed uint64, span time.Duration) Options {
	o := Defaults
	o.Seed, o.Span = seed, span
	return o
}

// plain leaves out of a fault what it does, which cannot be compared.
var plain = cmpopts.IgnoreUnexported(Fault{})

func TestStorm_is_the_same_for_the_same_seed(t *testing.T) {
	t.Parallel()
	o := seeded(7, 5*time.Minute)
	if diff := cmp.Diff(storm(o), storm(o), plain); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(storm(o), storm(seeded(8, o.Span)), plain) {
		t.Error("seeds 7 and 8 make the same storm")
	}
}

func TestStorm_of_five_minutes_has_every_kind(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		o := seeded(seed, 5*time.Minute)
		had := map[string]bool{}
		for _, f := range storm(o) {
			had[f.Name] = true
		}
		for _, deal := range deck() {
			if name := deal(rand.New(rand.NewPCG(0, 0)), o).Name; !had[name] {
				t.Errorf("seed %d has no %s", seed, name)
			}
		}
	}
}

func TestStorm_keeps_its_bounds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		o := seeded(seed, time.Minute)
		over := map[string]time.Duration{}
		for _, f := range storm(o) {
			if f.At < over[f.On] {
				t.Errorf("seed %d: %s strikes %s at %s, which is broken until %s", seed, f.Name, f.On, f.At, over[f.On])
			}
			over[f.On] = f.At + f.For
			if f.At+f.For > o.Span-lastCalm {
				t.Errorf("seed %d: %s is over at %s", seed, f.Name, f.At+f.For)
			}
			if f.For > 20*time.Second {
				t.Errorf("seed %d: %s stalls for %s", seed, f.Name, f.For)
			}
		}
	}
}

func TestOrders_are_as_many_as_asked_for(t *testing.T) {
	t.Parallel()
	for _, videos := range []int{1, 12, 200, 1000} {
		list := orders(rand.New(rand.NewPCG(1, 1)), Options{Videos: videos, Span: time.Minute})
		got, keys := 0, map[string]bool{}
		for _, o := range list {
			got += len(o.bodies)
			keys[o.key] = true
			if o.at >= time.Minute {
				t.Errorf("%s is placed at %s", o.key, o.at)
			}
		}
		if got != videos || len(keys) != len(list) {
			t.Errorf("%d videos under %d keys in %d orders, want %d", got, len(keys), len(list), videos)
		}
	}
}
