package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

var notifySecretTests = []test{
	{"are made once for each user", func(s *scene) {
		ada, alan := s.user("ada@example.com"), s.user("alan@example.com")
		first := s.secret(ada, "a")
		if first.Secret != "a" || first.MadeAt.IsZero() || first.Former != "" || !first.Until.IsZero() {
			s.Errorf("made %+v", first)
		}
		if again := s.secret(ada, "b"); !cmp.Equal(again, first) {
			s.Errorf("another one was made: %+v", again)
		}
		if other := s.secret(alan, "c"); other.Secret != "c" {
			s.Errorf("another user has %+v", other)
		}
		_, err := s.db.NotifySecret(s.ctx, uuid.New(), "d")
		s.wantFault(err, fault.NotFound)
		_, err = s.db.RotateNotifySecret(s.ctx, uuid.New(), "d")
		s.wantFault(err, fault.NotFound)
	}},
	{"sign beside the one before for a day", func(s *scene) {
		ada := s.user("ada@example.com")
		rotate := func(fresh string) store.NotifySecret {
			got, err := s.db.RotateNotifySecret(s.ctx, ada.ID, fresh)
			s.must(err)
			return got
		}
		if first := rotate("a"); first.Secret != "a" || first.Former != "" {
			s.Errorf("the first one is %+v", first)
		}
		second := rotate("b")
		if second.Secret != "b" || second.Former != "a" || second.Until.Sub(second.MadeAt) != store.FormerSecretLife {
			s.Errorf("the second one is %+v", second)
		}
		s.advance(store.FormerSecretLife - margin)
		_, err := s.db.RotateNotifySecret(s.ctx, ada.ID, "c")
		s.wantFault(err, fault.Conflict)
		if got := s.secret(ada, "x"); got.Secret != "b" || got.Former != "a" {
			s.Errorf("after a refusal it is %+v", got)
		}
		s.advance(2 * margin)
		if got := s.secret(ada, "x"); got.Secret != "b" || got.Former != "" || !got.Until.IsZero() {
			s.Errorf("a day later it is %+v", got)
		}
		if third := rotate("c"); third.Secret != "c" || third.Former != "b" {
			s.Errorf("the third one is %+v", third)
		}
	}},
	{"come with what is to be delivered of their user's videos", func(s *scene) {
		ada := s.user("ada@example.com")
		s.secret(ada, "a")
		signs := func(change ...func(*store.NewVideo)) []string {
			s.cancel(s.create(append(change, notify)...))
			d := s.deliver()
			s.mustEndDelivery(store.Delivered(d, ok))
			return d.Secrets
		}
		want := func(want []string, got []string) {
			s.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				s.Errorf("it is signed with (-want +got):\n%s", diff)
			}
		}
		want([]string{"a"}, signs(of(ada)))
		want(nil, signs())
		want(nil, signs(of(s.user("alan@example.com"))))
		_, err := s.db.RotateNotifySecret(s.ctx, ada.ID, "b")
		s.must(err)
		want([]string{"b", "a"}, signs(of(ada)))
		s.advance(store.FormerSecretLife + time.Minute)
		want([]string{"b"}, signs(of(ada)))
	}},
	{"go with their user", func(s *scene) {
		ada := s.user("ada@example.com")
		s.secret(ada, "a")
		s.cancel(s.create(of(ada), notify))
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.KeepVideos))
		if d := s.deliver(); len(d.Secrets) != 0 || d.UserID != store.DefaultUser {
			s.Errorf("the owner's delivery is signed with %v", d.Secrets)
		}
		_, err := s.db.NotifySecret(s.ctx, ada.ID, "b")
		s.wantFault(err, fault.NotFound)
	}},
}

func (s *scene) secret(u store.User, fresh string) store.NotifySecret {
	s.Helper()
	got, err := s.db.NotifySecret(s.ctx, u.ID, fresh)
	s.must(err)
	return got
}
