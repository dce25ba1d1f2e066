package storetest

import (
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/store"
)

const hook = "https://example.com/hook"

// notifications lists what a video's receiver is told, oldest first.
func (s *scene) notifications(video uuid.UUID) []store.Notification {
	s.Helper()
	list, err := s.db.Notifications(s.ctx, store.Everyone(), video)
	s.must(err)
	return list
}

func (s *scene) wantEvents(video uuid.UUID, want ...string) {
	s.Helper()
	var got []string
	for _, n := range s.notifications(video) {
		got = append(got, n.Event)
	}
	if !slices.Equal(got, want) {
		s.Fatalf("events %v, want %v", got, want)
	}
}

// wantNotified checks the one notification of a video.
func (s *scene) wantNotified(id uuid.UUID, state store.NotificationState, attempt, tries int) store.Notification {
	s.Helper()
	n, err := s.db.Notification(s.ctx, store.Everyone(), id)
	s.must(err)
	if n.State != state || n.Attempt != attempt || len(n.Tries) != tries || n.DueAt.IsZero() != (state != store.NotificationPending) {
		s.Fatalf("notification is %s with attempt %d, %d tries, due %v; want %s, %d and %d", n.State, n.Attempt, len(n.Tries), n.DueAt, state, attempt, tries)
	}
	return n
}

func (s *scene) claimNotifications() []store.NotificationClaim {
	s.Helper()
	claims, err := s.db.ClaimNotifications(s.ctx, 1000)
	s.must(err)
	return claims
}

func (s *scene) wantNoNotification() {
	s.Helper()
	if claims := s.claimNotifications(); len(claims) > 0 {
		s.Fatalf("due for delivery: %v, want nothing", claims)
	}
}

// deliver claims and begins the one notification that is due.
func (s *scene) deliver() store.Delivery {
	s.Helper()
	claims := s.claimNotifications()
	if len(claims) != 1 {
		s.Fatalf("%d notifications are due, want 1", len(claims))
	}
	list := s.beginNotifications(claims...)
	if len(list) != 1 {
		s.Fatalf("%d deliveries began, want 1", len(list))
	}
	return list[0]
}

func (s *scene) beginNotifications(claims ...store.NotificationClaim) []store.Delivery {
	s.Helper()
	list, err := s.db.BeginNotifications(s.ctx, claims)
	s.must(err)
	return list
}

// endDelivery writes an outcome and says whether it met its row.
func (s *scene) endDelivery(e store.DeliveryEnd) bool {
	s.Helper()
	ended, err := s.db.EndNotifications(s.ctx, []store.DeliveryEnd{e})
	s.must(err)
	return slices.Contains(ended, e.ID)
}

func (s *scene) mustEndDelivery(e store.DeliveryEnd) {
	s.Helper()
	if !s.endDelivery(e) {
		s.Fatalf("the outcome %s was not written", e.To)
	}
}

func (s *scene) wantRedelivered(want int, r store.Redelivery) {
	s.Helper()
	n, err := s.db.Redeliver(s.ctx, store.Everyone(), r)
	s.must(err)
	if n != want {
		s.Fatalf("redelivered %d, want %d", n, want)
	}
}

// notified is a video that was cancelled, and its one notification.
func (s *scene) notified() uuid.UUID {
	s.Helper()
	video := s.create(notify)
	s.cancel(video)
	list := s.notifications(video)
	if len(list) != 1 {
		s.Fatalf("%d notifications, want 1", len(list))
	}
	return list[0].ID
}

var (
	ok  = store.Try{Status: 204, Duration: 20 * time.Millisecond}
	bad = store.Try{Status: 500, Duration: time.Second, Error: "it answered 500", Answer: "<b>“sorry”</b>"}
)

var notifyTests = []test{
	{"a video without a receiver tells nobody", func(s *scene) {
		done := s.completed()
		s.wantEvents(done)
		s.wantNoNotification()
	}},
	{"each way to end is told, in the statement that ends it", func(s *scene) {
		ends := map[string]func(r store.Run){
			"video.completed": func(r store.Run) {
				s.end(accept(r))
				s.hint(r.Video)
				next := s.end(store.Rendered(s.again(store.Poll))).Next
				s.end(store.Downloaded(s.beginOne(store.Download, *next), prefix, file))
			},
			"video.failed":    func(r store.Run) { s.end(store.Refused(r, refusal, 0, nil)) },
			"video.cancelled": func(r store.Run) { s.cancel(r.Video); s.end(store.NotSent(r, 0)) },
		}
		for event, end := range ends {
			video := s.create(notify)
			r := s.beginOne(store.Create, s.admit(1)[0])
			s.wantEvents(video)
			end(r)
			s.wantEvents(video, event)
			d := s.deliver()
			v := s.video(video)
			want := store.Delivery{
				ID: d.ID, Run: 1, Event: event, URL: hook, At: v.Timeline[len(v.Timeline)-1].At, BegunAt: d.BegunAt, ExpiresAt: d.At.Add(store.NotificationLife),
				VideoID: video, UserID: v.UserID, State: v.State, Title: v.Title, Metadata: v.Metadata,
				Failure: v.Failure, File: v.File, VideoCreatedAt: v.CreatedAt,
			}
			if diff := cmp.Diff(want, d); diff != "" {
				s.Errorf("%s (-want +got):\n%s", event, diff)
			}
			if d.BegunAt.Sub(d.At).Abs() > margin {
				s.Errorf("begun at %s, want the database's now: the event was at %s", d.BegunAt, d.At)
			}
			if d.ID.Version() != 7 || d.ID.Variant() != uuid.RFC4122 || time.Since(time.Unix(d.ID.Time().UnixTime())).Abs() > margin {
				s.Errorf("id %s is not of version 7 and of now", d.ID)
			}
			s.mustEndDelivery(store.Delivered(d, ok))
		}
	}},
	{"a video that ends while it is claimed is told of", func(s *scene) {
		video := s.create(notify)
		r := s.beginOne(store.Create, s.admit(1)[0])
		s.end(store.Accepted(r, "hg-1", 0))
		for range store.MostLapses {
			s.again(store.Poll)
			s.advance(store.DefaultTiming.Lease + margin)
		}
		s.wantEvents(video)
		s.claim(store.Poll)
		s.wantState(video, store.Failed)
		s.wantEvents(video, "video.failed")
	}},
	{"a cancelled render is told of once, though HeyGen goes on", func(s *scene) {
		video := s.create(notify)
		s.end(store.Accepted(s.beginOne(store.Create, s.admit(1)[0]), "hg-1", 0))
		s.cancel(video)
		s.end(store.StillRendering(s.again(store.Poll), 0))
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantEvents(video, "video.cancelled")
	}},
	{"a video that is revived ends again, and the first end says what it said", func(s *scene) {
		video := s.create(notify)
		s.end(store.Accepted(s.beginOne(store.Create, s.admit(1)[0]), "hg-1", 0))
		s.end(store.RenderTimedOut(s.again(store.Poll), 0))
		next := s.end(store.Rendered(s.again(store.Poll))).Next
		s.end(store.Downloaded(s.beginOne(store.Download, *next), prefix, file))
		s.wantEvents(video, "video.failed", "video.completed")

		list := s.beginNotifications(s.claimNotifications()...)
		slices.SortFunc(list, func(a, b store.Delivery) int { return a.At.Compare(b.At) })
		if d := list[0]; d.State != store.Failed || d.Failure == nil || d.Failure.Code != "render_timeout" || d.File != nil {
			s.Errorf("the first end tells %+v", d)
		}
		if d := list[1]; d.State != store.Completed || d.Failure != nil || d.File == nil {
			s.Errorf("the second end tells %+v", d)
		}
	}},
	{"a video that is tried again ends again", func(s *scene) {
		video := s.create(notify)
		s.cancel(video)
		_, err := s.db.Retry(s.ctx, store.Everyone(), video, store.Retry{})
		s.must(err)
		s.cancel(video)
		s.wantEvents(video, "video.cancelled", "video.cancelled")
	}},
	{"its receiver is kept with the video", func(s *scene) {
		if got := s.video(s.create(notify)).NotifyURL; got != hook {
			s.Errorf("notify_url %q, want %q", got, hook)
		}
		if got := s.video(s.create()).NotifyURL; got != "" {
			s.Errorf("notify_url %q, want none", got)
		}
	}},
}
