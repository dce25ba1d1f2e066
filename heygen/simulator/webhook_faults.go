package simulator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// What webhook faults do if no delay is given.
const (
	webhookLate = 30 * time.Second
	overtaking  = 5 * time.Second // how long a delivery waits to be overtaken
)

// replayAge is how much older than true the timestamp of a replay is.
const replayAge = time.Hour

// dispatch sends d now, unless a fault has other plans.
func (s *Simulator) dispatch(d *delivery, now time.Time) {
	hit := s.drawWebhook(d)
	switch {
	case hit == nil:
	case hit.fault == "never":
		s.end(d)
		return
	case hit.fault == "late":
		now = now.Add(cmp.Or(hit.delay, webhookLate))
	case hit.fault == "out_of_order":
		s.courier.hold(d)
		s.courier.at(now.Add(cmp.Or(hit.delay, overtaking)), func() {
			if s.courier.letGo(d) {
				s.attempt(d)
			}
		})
		return
	case hit.fault == "twice":
		d.left.Add(1)
		again := *d
		s.courier.at(now, func() { s.attempt(&again) })
	case hit.fault == "replayed":
		d.left.Add(1)
		old := s.courier.earliest(d.to.url).again(d)
		s.courier.at(now, func() { s.attempt(old) })
	default:
		d.fault = hit.fault
	}
	s.courier.at(now, func() { s.attempt(d) })
}

func (s *Simulator) drawWebhook(d *delivery) *shot {
	v := d.render
	return s.draw(target{
		on: onWebhook, about: v.about() + " " + d.to.url, title: v.Title, wish: v.Wish,
		fits: func(hit *shot) bool {
			switch hit.fault {
			case "early":
				return false // it is over
			case "forged", "unsigned":
				return d.to.secret != ""
			case "replayed":
				return s.courier.earliest(d.to.url) != nil
			default:
				return true
			}
		},
	})
}

// drawEarly decides whether v is told of before its create is answered. The
// caller holds the state's lock.
func (s *Simulator) drawEarly(st *state, v *render) bool {
	if s.faults.Load() == nil && v.Wish == "" || v.CallbackURL == "" && len(st.webhooks) == 0 {
		return false
	}
	return s.draw(target{
		on: onWebhook, about: v.about(), title: v.Title, wish: v.Wish,
		fits: func(hit *shot) bool { return hit.fault == "early" },
	}) != nil
}

// body is the event, or with the fault huge a megabyte more.
func (d *delivery) body() event {
	e := d.event
	if d.fault == "huge" {
		e.Data.Padding = strings.Repeat("x", 1<<20)
	}
	return e
}

// secret is what d is signed with; a forger does not know the right one.
func (d *delivery) secret() string {
	if d.fault == "forged" {
		return "not " + d.to.secret
	}
	return d.to.secret
}

// sentAt is the timestamp of a delivery at now.
func (d *delivery) sentAt(now time.Time) time.Time {
	if d.fault == "replayed" {
		return d.since.Add(-replayAge)
	}
	return now
}

// again is an old delivery, replayed beside d.
func (d *delivery) again(beside *delivery) *delivery {
	return &delivery{render: beside.render, event: d.event, to: d.to, fault: "replayed", since: beside.since, left: beside.left}
}

// hold keeps d until another delivery has arrived at the same receiver.
func (c *courier) hold(d *delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[d.to.url] = append(c.held[d.to.url], d)
}

// letGo tells whether d was still held; from now on it is not.
func (c *courier) letGo(d *delivery) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.held[d.to.url])
	c.held[d.to.url] = slices.DeleteFunc(c.held[d.to.url], func(other *delivery) bool { return other == d })
	return len(c.held[d.to.url]) < before
}

// arrived remembers the first delivery to each endpoint and releases those that
// this one has overtaken.
func (c *courier) arrived(d *delivery, release func(*delivery)) {
	c.mu.Lock()
	if d.to.secret != "" && c.first[d.to.url] == nil {
		c.first[d.to.url] = d
	}
	overtaken := c.held[d.to.url]
	delete(c.held, d.to.url)
	c.mu.Unlock()
	for _, held := range overtaken {
		release(held)
	}
}

func (c *courier) earliest(url string) *delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first[url]
}
