package storetest

import (
	"encoding/json"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"heyq/store"
)

var alertTests = []test{
	{"one round at a time", func(s *scene) {
		first := s.round()
		if string(first.Memory) != "{}" || len(first.Alerts) != 0 || time.Since(first.At).Abs() > margin {
			s.Errorf("the first round found %+v", first)
		}
		s.wantNoRound()
		s.must(s.db.EndRound(s.ctx, first.Number))
		second := s.round()
		if second.Number <= first.Number {
			s.Errorf("round %d follows round %d", second.Number, first.Number)
		}
		s.advance(store.RoundLease - margin)
		s.wantNoRound()
		s.advance(margin)
		s.round() // the second one died
	}},
	{"a round that was overtaken writes nothing, and ends no other", func(s *scene) {
		late := s.round()
		s.advance(store.RoundLease)
		next := s.round()
		late.Memory, late.Alerts = json.RawMessage(`{"late":true}`), []store.Alert{newAlert("queue-age")}
		ok, err := s.db.KeepRound(s.ctx, late)
		s.must(err)
		if ok {
			s.Error("a round wrote though another had begun")
		}
		s.must(s.db.EndRound(s.ctx, late.Number))
		s.wantNoRound()
		s.must(s.db.EndRound(s.ctx, next.Number))
		if l := s.round(); string(l.Memory) != "{}" || len(l.Alerts) != 0 {
			s.Errorf("the next round found %s and %v", l.Memory, l.Alerts)
		}
	}},
	{"what a round keeps is there for the next", func(s *scene) {
		l := s.round()
		one, two := newAlert("queue-age"), newAlert("balance-low")
		two.Since = two.Since.Add(time.Second)
		l = s.keep(l, one, two)
		s.must(s.db.EndRound(s.ctx, l.Number))

		l = s.round()
		var memory map[string]int
		s.must(json.Unmarshal(l.Memory, &memory))
		if diff := cmp.Diff(map[string]int{"rounds": 1}, memory); diff != "" {
			s.Errorf("memory (-want +got):\n%s", diff)
		}
		wantAlerts(s, "of the round", l.Alerts, one, two)

		one.Summary, one.StartSentAt, one.SendError = "two hours", l.At, "it answered 500"
		two.StartSentAt, two.EndedAt = l.At, l.At
		l = s.keep(l, one, two)
		active, ended, err := s.db.Alerts(s.ctx, 10)
		s.must(err)
		wantAlerts(s, "active", active, one)
		wantAlerts(s, "ended", ended, two)
		s.must(s.db.EndRound(s.ctx, l.Number))
		l = s.round()
		wantAlerts(s, "whose end nobody was told", l.Alerts, one, two)

		two.EndSentAt = l.At
		l = s.keep(l, two) // what is not written stays as it is
		s.must(s.db.EndRound(s.ctx, l.Number))
		wantAlerts(s, "of the last round", s.round().Alerts, one)
	}},
	{"lists the last alerts that ended, and forgets them in the end", func(s *scene) {
		l := s.round()
		var all []store.Alert
		for i := range 3 {
			a := newAlert("queue-age")
			a.StartSentAt, a.EndSentAt, a.EndedAt = l.At, l.At, l.At.Add(time.Duration(i)*time.Second)
			all = append(all, a)
		}
		s.keep(l, all...)
		active, ended, err := s.db.Alerts(s.ctx, 2)
		s.must(err)
		wantAlerts(s, "active", active)
		wantAlerts(s, "ended", ended, all[2], all[1])
		s.advance(store.AlertLife + margin)
		s.must(s.db.EndRound(s.ctx, l.Number))
		_, ended, err = s.db.Alerts(s.ctx, 10)
		s.must(err)
		wantAlerts(s, "ended long ago", ended)
	}},
	{"the same thing is wrong once at a time", func(s *scene) {
		l := s.round()
		l.Memory, l.Alerts = json.RawMessage(`{}`), []store.Alert{newAlert("queue-age"), newAlert("queue-age")}
		if ok, err := s.db.KeepRound(s.ctx, l); ok || err == nil {
			s.Errorf("two of them were kept: %v, %v", ok, err)
		}
		wantAlerts(s, "of them", s.activeAlerts())
	}},
	{"stuck: a render that should have ended long ago", func(s *scene) {
		id := s.rendering()
		s.advance(store.DefaultTiming.RenderTimeout)
		s.wantStuck(0)
		s.advance(5*time.Minute + margin)
		s.wantStuck(1, id)
		s.end(store.RenderTimedOut(s.again(store.Poll), 0))
		s.wantStuck(1, id) // failed, and its slot is still held
		s.end(store.WrittenOff(s.again(store.Poll)))
		s.wantStuck(0)
	}},
	{"stuck: a create without an end, and a download", func(s *scene) {
		r := s.downloading()
		sending := s.sending()
		s.advance(time.Hour - margin)
		s.wantStuck(0)
		s.advance(2 * margin)
		s.wantStuck(2, r.Video, sending.Video)
		s.end(store.Downloaded(r, prefix, file))
		s.wantStuck(1, sending.Video)
		s.create() // what waits for a slot is not stuck
		s.wantStuck(1, sending.Video)
	}},
}

// newAlert is an alert that has just begun.
func newAlert(rule string) store.Alert {
	return store.Alert{
		ID: uuid.Must(uuid.NewV7()), Rule: rule, Subject: "download", Summary: "one hour",
		Since: time.Now().UTC().Truncate(time.Microsecond),
	}
}

func (s *scene) round() store.Round {
	s.Helper()
	l, ok, err := s.db.BeginRound(s.ctx)
	s.must(err)
	if !ok {
		s.Fatal("there is another round")
	}
	return l
}

func (s *scene) wantNoRound() {
	s.Helper()
	if _, ok, err := s.db.BeginRound(s.ctx); ok || err != nil {
		s.Fatalf("a round began beside another one (%v)", err)
	}
}

func (s *scene) keep(l store.Round, alerts ...store.Alert) store.Round {
	s.Helper()
	l.Memory, l.Alerts = json.RawMessage(`{"rounds":1}`), alerts
	ok, err := s.db.KeepRound(s.ctx, l)
	s.must(err)
	if !ok {
		s.Fatal("the round was not kept")
	}
	return l
}

func (s *scene) activeAlerts() []store.Alert {
	s.Helper()
	active, _, err := s.db.Alerts(s.ctx, 1)
	s.must(err)
	return active
}

func wantAlerts(s *scene, what string, got []store.Alert, want ...store.Alert) {
	s.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		s.Fatalf("alerts %s (-want +got):\n%s", what, diff)
	}
}

func (s *scene) wantStuck(n int, first ...uuid.UUID) {
	s.Helper()
	found, err := s.db.Stuck(s.ctx, time.Hour)
	s.must(err)
	if found.Videos != n || !cmp.Equal(found.First, first, cmpopts.EquateEmpty()) {
		s.Fatalf("%d videos are stuck, %v; want %d, %v", found.Videos, found.First, n, first)
	}
	if (found.Oldest > 0) != (n > 0) || found.Oldest > store.DefaultTiming.RenderTimeout {
		s.Fatalf("%d videos are stuck for %s", n, found.Oldest)
	}
}
