package storetest

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/internal/fault"
	"heyq/store"
)

var passwordTests = []test{
	{"are found by the e-mail in any case, of who is active", func(s *scene) {
		ada := s.user("Ada@example.com")
		got, hash, ok := s.findPassword("ADA@EXAMPLE.COM")
		if diff := cmp.Diff(ada, got); diff != "" || hash != "" || !ok {
			s.Errorf("without a password: %q, %t (-want +got):\n%s", hash, ok, diff)
		}
		first := s.password(ada.ID, "one")
		got, hash, ok = s.findPassword("ada@example.com")
		if diff := cmp.Diff(first, got); diff != "" || hash != "one" || !ok || first.PasswordSetAt.IsZero() {
			s.Errorf("with one: %q, %t (-want +got):\n%s", hash, ok, diff)
		}
		second := s.password(ada.ID, "two")
		if _, hash, _ := s.findPassword("ada@example.com"); hash != "two" || !second.PasswordSetAt.After(first.PasswordSetAt) {
			s.Errorf("another: %q, set at %s after %s", hash, second.PasswordSetAt, first.PasswordSetAt)
		}
		if read, err := s.db.User(s.ctx, ada.ID); err != nil || !read.PasswordSetAt.Equal(second.PasswordSetAt) {
			s.Errorf("read: %+v, %v", read, err)
		}
		if _, _, ok := s.findPassword("alan@example.com"); ok {
			s.Error("a stranger was found")
		}
		s.setActive(ada.ID, false)
		if _, _, ok := s.findPassword("ada@example.com"); ok {
			s.Error("a deactivated user was found")
		}
		s.setActive(ada.ID, true)
		if _, hash, ok := s.findPassword("ada@example.com"); !ok || hash != "two" {
			s.Errorf("active again: %q, %t", hash, ok)
		}
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.KeepVideos))
		s.user("ada@example.com")
		if _, hash, _ := s.findPassword("ada@example.com"); hash != "" {
			s.Error("the password of a deleted user is another's")
		}
		_, err := s.db.SetPassword(s.ctx, uuid.New(), "x")
		s.wantFault(err, fault.NotFound)
	}},
	{"are set by a link, once and in time", func(s *scene) {
		ada := s.user("ada@example.com")
		now, err := s.db.Now(s.ctx)
		s.must(err)
		l := s.link("a", ada.ID)
		if l.User != ada.ID || l.Kind != store.Invite || l.ExpiresAt.Sub(now) < store.LinkLife-margin || l.ExpiresAt.Sub(now) > store.LinkLife+time.Minute {
			s.Errorf("made %+v at %s", l, now)
		}
		if u, ok, err := s.db.FindLink(s.ctx, sumOf("a")); err != nil || !ok || u.Email != ada.Email {
			s.Errorf("found %+v, %t, %v", u, ok, err)
		}
		s.wantNoLink("b")
		u, ok, err := s.db.UseLink(s.ctx, sumOf("a"), "one")
		if err != nil || !ok || u.ID != ada.ID || u.PasswordSetAt.IsZero() {
			s.Errorf("used: %+v, %t, %v", u, ok, err)
		}
		s.wantNoLink("a")
		if _, hash, _ := s.findPassword("ada@example.com"); hash != "one" {
			s.Errorf("the password is %q", hash)
		}

		s.link("c", ada.ID)
		s.link("d", ada.ID) // in place of c
		s.wantNoLink("c")
		s.advance(store.LinkLife - time.Hour)
		if _, ok, _ := s.db.FindLink(s.ctx, sumOf("d")); !ok {
			s.Error("a link has ended before its time")
		}
		s.advance(time.Hour + margin)
		s.wantNoLink("d")

		s.link("e", ada.ID)
		s.password(ada.ID, "two")
		s.wantNoLink("e")
		s.link("f", ada.ID)
		s.setActive(ada.ID, false)
		s.wantNoLink("f")
		_, err = s.db.CreateLink(s.ctx, ada.ID, store.Reset, sumOf("g"))
		s.wantFault(err, fault.Conflict)
		_, err = s.db.CreateLink(s.ctx, uuid.New(), store.Reset, sumOf("g"))
		s.wantFault(err, fault.NotFound)
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.KeepVideos))
		s.wantNoLink("f")
	}},
	{"are set by one of many who use a link at once", func(s *scene) {
		ada := s.user("ada@example.com")
		s.link("a", ada.ID)
		var g errgroup.Group
		won := make([]bool, 8)
		for i := range won {
			g.Go(func() (err error) {
				_, won[i], err = s.db.UseLink(s.ctx, sumOf("a"), fmt.Sprint(i))
				return err
			})
		}
		s.must(g.Wait())
		_, hash, _ := s.findPassword("ada@example.com")
		winners := 0
		for i, ok := range won {
			if ok {
				winners++
				if hash != fmt.Sprint(i) {
					s.Errorf("%d set the password, and it is %s", i, hash)
				}
			}
		}
		if winners != 1 {
			s.Errorf("%d used the link, want 1", winners)
		}
	}},
}

func sumOf(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

func (s *scene) password(user uuid.UUID, hash string) store.User {
	s.Helper()
	u, err := s.db.SetPassword(s.ctx, user, hash)
	s.must(err)
	return u
}

func (s *scene) findPassword(email string) (store.User, string, bool) {
	s.Helper()
	u, hash, ok, err := s.db.FindPassword(s.ctx, email)
	s.must(err)
	return u, hash, ok
}

func (s *scene) link(secret string, user uuid.UUID) store.Link {
	s.Helper()
	l, err := s.db.CreateLink(s.ctx, user, store.Invite, sumOf(secret))
	s.must(err)
	return l
}

// wantNoLink wants a link that can be neither found nor used.
func (s *scene) wantNoLink(secret string) {
	s.Helper()
	_, found, err := s.db.FindLink(s.ctx, sumOf(secret))
	s.must(err)
	_, used, err := s.db.UseLink(s.ctx, sumOf(secret), "stolen")
	s.must(err)
	if found || used {
		s.Errorf("the link %s: found %t, used %t", secret, found, used)
	}
}

func (s *scene) setActive(user uuid.UUID, yes bool) {
	s.Helper()
	_, err := s.db.UpdateUser(s.ctx, user, func(u *store.User) error {
		if u.DeactivatedAt = time.Now(); yes {
			u.DeactivatedAt = time.Time{}
		}
		return nil
	})
	s.must(err)
}
