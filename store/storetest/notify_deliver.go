package storetest

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

var notifyDeliverTests = []test{
	{"a claim begins once", func(s *scene) {
		s.notified()
		claims := s.claimNotifications()
		if n := len(s.beginNotifications(claims...)); n != 1 {
			s.Fatalf("%d began, want 1", n)
		}
		if n := len(s.beginNotifications(claims...)); n != 0 {
			s.Errorf("%d began a second time", n)
		}
		s.wantNoNotification()
	}},
	{"a task that is lost is sent again, and the lost one is stale", func(s *scene) {
		s.notified()
		lost := s.claimNotifications()
		s.advance(store.DefaultTiming.Redispatch - margin)
		s.wantNoNotification()
		s.advance(2 * margin)
		d := s.deliver()
		if n := len(s.beginNotifications(lost...)); n != 0 {
			s.Errorf("the lost task began beside %+v", d)
		}
	}},
	{"a worker that dies is noticed, and writes nothing afterwards", func(s *scene) {
		id := s.notified()
		dead := s.deliver()
		s.advance(store.DeliveryLease - margin)
		s.wantNoNotification()
		s.advance(2 * margin)
		d := s.deliver()
		if s.endDelivery(store.Delivered(dead, ok)) {
			s.Error("a stale outcome was written")
		}
		s.mustEndDelivery(store.Undelivered(d, bad, time.Hour))
		s.wantNotified(id, store.NotificationPending, 1, 1)
		if s.endDelivery(store.Delivered(d, ok)) {
			s.Error("a run ended twice")
		}
	}},
	{"a delivery is the end of it", func(s *scene) {
		id := s.notified()
		s.mustEndDelivery(store.Delivered(s.deliver(), ok))
		n := s.wantNotified(id, store.NotificationDelivered, 1, 1)
		if since := time.Since(n.Tries[0].At).Abs(); since > margin || n.Tries[0].At.Location() != time.UTC {
			s.Errorf("tried at %v, want now, in UTC", n.Tries[0].At)
		}
		n.Tries[0].At = time.Time{}
		if diff := cmp.Diff(ok, n.Tries[0]); diff != "" {
			s.Errorf("the log (-want +got):\n%s", diff)
		}
		s.advance(100 * time.Hour)
		s.wantNoNotification()
	}},
	{"a failure is tried again after its wait", func(s *scene) {
		id := s.notified()
		s.mustEndDelivery(store.Undelivered(s.deliver(), bad, time.Minute))
		n := s.wantNotified(id, store.NotificationPending, 1, 1)
		if got := n.Tries[0]; got.Error != bad.Error || got.Answer != bad.Answer || got.Status != bad.Status {
			s.Errorf("the log says %+v, want %+v", got, bad)
		}
		s.advance(time.Minute - margin)
		s.wantNoNotification()
		s.advance(2 * margin)
		d := s.deliver()
		if d.ID != id || d.Attempt != 1 {
			s.Errorf("delivers %s, attempt %d; want %s, 1", d.ID, d.Attempt, id)
		}
		s.mustEndDelivery(store.Delivered(d, ok))
		s.wantNotified(id, store.NotificationDelivered, 2, 2)
	}},
	{"the next try would be too late", func(s *scene) {
		id := s.notified()
		s.advance(store.NotificationLife - time.Hour)
		s.mustEndDelivery(store.Undelivered(s.deliver(), bad, 30*time.Minute))
		s.wantNotified(id, store.NotificationPending, 1, 1)
		s.advance(30*time.Minute + margin)
		s.mustEndDelivery(store.Undelivered(s.deliver(), bad, 30*time.Minute))
		s.wantNotified(id, store.NotificationFailed, 2, 2)
		s.wantNoNotification()
	}},
	{"a receiver that wants no more gets no more", func(s *scene) {
		id := s.notified()
		s.mustEndDelivery(store.Undeliverable(s.deliver(), bad))
		s.wantNotified(id, store.NotificationFailed, 1, 1)
		s.advance(100 * time.Hour)
		s.wantNoNotification()
	}},
	{"what is postponed is no try, and never too late", func(s *scene) {
		id := s.notified()
		s.advance(2 * store.NotificationLife)
		s.mustEndDelivery(store.Postponed(s.deliver(), time.Minute))
		s.wantNotified(id, store.NotificationPending, 0, 0)
		s.wantNoNotification()
		s.advance(time.Minute)
		s.mustEndDelivery(store.Undelivered(s.deliver(), bad, time.Second))
		s.wantNotified(id, store.NotificationFailed, 1, 1)
	}},
	{"the log keeps the last tries", func(s *scene) {
		id := s.notified()
		for i := range store.MostTries + 3 {
			s.mustEndDelivery(store.Undelivered(s.deliver(), store.Try{Status: 500, Error: fmt.Sprint(i)}, 0))
		}
		n := s.wantNotified(id, store.NotificationPending, store.MostTries+3, store.MostTries)
		if first, last := n.Tries[0].Error, n.Tries[store.MostTries-1].Error; first != "3" || last != fmt.Sprint(store.MostTries+2) {
			s.Errorf("the log goes from %s to %s", first, last)
		}
	}},
	{"redelivery gives one a new life, under the same id", func(s *scene) {
		id := s.notified()
		s.mustEndDelivery(store.Undeliverable(s.deliver(), bad))
		s.advance(100 * time.Hour)
		s.wantRedelivered(1, store.Redelivery{ID: id})
		n := s.wantNotified(id, store.NotificationPending, 0, 1)
		if left := n.ExpiresAt.Sub(n.DueAt); left != store.NotificationLife {
			s.Errorf("it lives for %v, want %v", left, store.NotificationLife)
		}
		s.mustEndDelivery(store.Delivered(s.deliver(), ok))
		s.wantNotified(id, store.NotificationDelivered, 1, 2)
		s.wantRedelivered(1, store.Redelivery{ID: id})
		s.deliver()
		s.wantRedelivered(0, store.Redelivery{ID: uuid.New()})
	}},
	{"redelivery fences a delivery that is under way", func(s *scene) {
		id := s.notified()
		d := s.deliver()
		s.wantRedelivered(1, store.Redelivery{ID: id})
		if s.endDelivery(store.Delivered(d, ok)) {
			s.Error("the earlier delivery ended it")
		}
		s.deliver()
	}},
	{"redelivery of many", func(s *scene) {
		end := func(e func(store.Delivery) store.DeliveryEnd) uuid.UUID {
			s.Helper()
			id := s.notified()
			s.mustEndDelivery(e(s.deliver()))
			n, err := s.db.Notification(s.ctx, store.Everyone(), id)
			s.must(err)
			return n.VideoID
		}
		refuse := func(d store.Delivery) store.DeliveryEnd { return store.Undeliverable(d, bad) }
		accept := func(d store.Delivery) store.DeliveryEnd { return store.Delivered(d, ok) }
		end(refuse)
		s.advance(48 * time.Hour)
		end(accept)
		video := end(refuse)
		s.wantRedelivered(0, store.Redelivery{Video: uuid.New()})
		s.wantRedelivered(1, store.Redelivery{Failed: true, Within: 24 * time.Hour})
		if d := s.deliver(); d.VideoID != video {
			s.Errorf("redelivered for %s, want %s", d.VideoID, video)
		}
		s.wantRedelivered(1, store.Redelivery{Failed: true})
		s.wantRedelivered(1, store.Redelivery{Within: 24 * time.Hour})
		s.wantRedelivered(0, store.Redelivery{})
		s.wantRedelivered(1, store.Redelivery{Video: video})
		s.wantRedelivered(0, store.Redelivery{Video: video, Failed: true})
	}},
	{"a wiped Redis makes what was sent due now, and no backoff", func(s *scene) {
		s.wantSync("epoch 1", true)
		s.notified()
		s.mustEndDelivery(store.Undelivered(s.deliver(), bad, time.Hour))
		id := s.notified()
		s.claimNotifications()
		s.wantSync("epoch 2", true)
		if d := s.deliver(); d.ID != id {
			s.Errorf("due is %s, want %s", d.ID, id)
		}
		s.wantSync("epoch 3", true)
		s.wantNoNotification()
	}},
	{"what ended long ago is forgotten", func(s *scene) {
		forget := func(want int) {
			s.Helper()
			n, err := s.db.ForgetNotifications(s.ctx, 24*time.Hour)
			s.must(err)
			if n != want {
				s.Fatalf("forgot %d, want %d", n, want)
			}
		}
		old := s.notified()
		s.mustEndDelivery(store.Delivered(s.deliver(), ok))
		open := s.notified()
		s.advance(25 * time.Hour)
		young := s.notified()
		for _, d := range s.beginNotifications(s.claimNotifications()...) {
			if d.ID == young {
				s.mustEndDelivery(store.Delivered(d, ok))
			}
		}
		forget(1)
		forget(0)
		_, err := s.db.Notification(s.ctx, store.Everyone(), old)
		s.wantFault(err, fault.NotFound)
		s.wantNotified(open, store.NotificationPending, 0, 0)
		s.wantNotified(young, store.NotificationDelivered, 1, 1)
	}},
	{"nothing is nothing", func(s *scene) {
		s.wantNoNotification()
		if list := s.beginNotifications(); len(list) > 0 {
			s.Errorf("began %v", list)
		}
		ended, err := s.db.EndNotifications(s.ctx, nil)
		s.must(err)
		if len(ended) > 0 {
			s.Errorf("ended %v", ended)
		}
		s.wantEvents(uuid.New())
	}},
}
