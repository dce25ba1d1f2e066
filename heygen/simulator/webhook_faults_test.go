package simulator_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

// hooked is an account with one endpoint.
func hooked(t *testing.T, opts simulator.Options) (*account, *receiver, webhook) {
	t.Helper()
	rc := listen(t)
	a := start(t, opts)
	return a, rc, a.register(rc.url)
}

// awaitFired waits until a fault such as webhook/never has fired.
func (a *account) awaitFired(name string) {
	a.t.Helper()
	testkit.Eventually(a.t, func() error {
		if a.fired(name) == 0 {
			return errors.New(name + " has not fired")
		}
		return nil
	})
}

func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	for fault, check := range map[string]func(t *testing.T, p post, secret string){
		"forged": func(t *testing.T, p post, secret string) {
			if p.signed("Heygen-Signature", secret) || len(p.header.Get("Heygen-Signature")) != 64 {
				t.Errorf("%v", p.header)
			}
		},
		"unsigned": func(t *testing.T, p post, _ string) {
			if p.header.Get("Heygen-Signature")+p.header.Get("Signature")+p.header.Get("Heygen-Event-Id") != "" {
				t.Errorf("%v", p.header)
			}
		},
		"huge": func(t *testing.T, p post, secret string) {
			if len(p.body) < 1<<20 || !p.signed("Heygen-Signature", secret) {
				t.Errorf("%d bytes, %v", len(p.body), p.header)
			}
		},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			a, rc, hook := hooked(t, simulator.Options{})
			a.faulty(simulator.Rule{On: "webhook", Fault: fault, Count: 1})
			id := a.create("one")
			p := rc.next()
			if p.event.Data.VideoID != id {
				t.Errorf("%.200s", p.body)
			}
			check(t, p, hook.Secret)
			a.create("two")
			if p := rc.next(); !p.signed("Heygen-Signature", hook.Secret) || len(p.body) > 1000 {
				t.Errorf("the next one: %v, %d bytes", p.header, len(p.body))
			}
		})
	}
}

func TestWebhookFaults_twice(t *testing.T) {
	t.Parallel()
	a, rc, _ := hooked(t, simulator.Options{})
	a.do("POST", "/v3/videos", avatar("one"), simFault, "twice")
	if one, two := rc.next(), rc.next(); one.event.ID != two.event.ID {
		t.Errorf("%s and %s", one.body, two.body)
	}
}

func TestWebhookFaults_replayed(t *testing.T) {
	t.Parallel()
	a, rc, hook := hooked(t, simulator.Options{})
	a.faulty(simulator.Rule{On: "webhook", Fault: "replayed"})
	seen := map[string]bool{}
	testkit.Eventually(t, func() error {
		a.create("another")
		if a.fired("webhook/replayed") == 0 {
			return errors.New("no replay fired")
		}
		return nil
	})
	for {
		p := rc.next()
		seconds, err := strconv.ParseInt(p.header.Get("Heygen-Timestamp"), 10, 64)
		if err != nil || !p.signed("Heygen-Signature", hook.Secret) {
			t.Fatalf("%v %v", p.header, err)
		}
		if time.Since(time.Unix(seconds, 0)) < 59*time.Minute {
			seen[string(p.body)] = true // a true one
			continue
		}
		if !seen[string(p.body)] {
			t.Errorf("replayed %s, which never came before", p.body)
		}
		return
	}
}

// TestWebhookFaults_early: the event is there before the create's answer.
func TestWebhookFaults_early(t *testing.T) {
	t.Parallel()
	a, rc, _ := hooked(t, simulator.Options{RenderTime: time.Hour})
	a.faulty(simulator.Rule{On: "webhook", Fault: "early"})
	id := a.create("one")
	if len(rc.posts) != 1 {
		t.Fatalf("%d posts before the answer", len(rc.posts))
	}
	if p := rc.next(); p.event.Data.VideoID != id {
		t.Errorf("%s", p.body)
	}
}

func TestWebhookFaults_late(t *testing.T) {
	t.Parallel()
	a, rc, _ := hooked(t, simulator.Options{})
	a.faulty(simulator.Rule{On: "webhook", Fault: "late", Delay: 200 * time.Millisecond})
	began := time.Now()
	a.create("one")
	rc.next()
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("it came after %s", took)
	}
}

func TestWebhookFaults_outOfOrder(t *testing.T) {
	t.Parallel()
	a, rc, _ := hooked(t, simulator.Options{RenderTime: 100 * time.Millisecond})
	a.faulty(simulator.Rule{On: "webhook", Fault: "out_of_order", Title: "one", Delay: time.Minute})
	one := a.create("one")
	a.awaitFired("webhook/out_of_order")
	two := a.create("two")
	if first := rc.next(); first.event.Data.VideoID != two {
		t.Errorf("first came %s", first.body)
	}
	if second := rc.next(); second.event.Data.VideoID != one {
		t.Errorf("then %s", second.body)
	}
}

func TestWebhookFaults_never(t *testing.T) {
	t.Parallel()
	a, rc, _ := hooked(t, simulator.Options{})
	a.faulty(simulator.Rule{On: "webhook", Fault: "never", Title: "one"})
	a.create("one")
	a.awaitFired("webhook/never")
	two := a.create("two")
	if p := rc.next(); p.event.Data.VideoID != two {
		t.Errorf("%s", p.body)
	}
}
