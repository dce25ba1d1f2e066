package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

var errNo = errors.New("no")

var userTests = []test{
	{"are made with a profile, both or none", func(s *scene) {
		want := s.user("Ada@Example.com")
		got, err := s.db.User(s.ctx, want.ID)
		s.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("read again (-made +read):\n%s", diff)
		}
		if want.CreatedAt.IsZero() || !want.UpdatedAt.Equal(want.CreatedAt) || want.Profile.FirstName != "Ada" {
			s.Errorf("made %+v", want)
		}
		_, err = s.db.User(s.ctx, uuid.New())
		s.wantFault(err, fault.NotFound)
	}},
	{"have an e-mail that is theirs in any case", func(s *scene) {
		ada := s.user("Ada.Straße@example.com")
		for _, same := range []string{"ada.straße@EXAMPLE.com", "ADA.STRASSE@example.com"} {
			_, err := s.db.CreateUser(s.ctx, newUser(same))
			s.wantFault(err, fault.Conflict)
			found, err := s.db.UserByEmail(s.ctx, same)
			s.must(err)
			if found.ID != ada.ID {
				s.Errorf("%s is the e-mail of %s", same, found.Email)
			}
		}
		other := s.user("alan@example.com")
		_, err := s.db.UpdateUser(s.ctx, other.ID, func(u *store.User) error { u.Email = "ada.STRASSE@example.com"; return nil })
		s.wantFault(err, fault.Conflict)
		if got, _ := s.db.User(s.ctx, other.ID); got.Email != "alan@example.com" {
			s.Errorf("a refused change left the e-mail %s", got.Email)
		}
		_, err = s.db.UserByEmail(s.ctx, "grace@example.com")
		s.wantFault(err, fault.NotFound)
		if _, total, err := s.db.Users(s.ctx, store.UserFilter{}, store.Page{Number: 1, Size: 10}); err != nil || total != 2 {
			s.Errorf("%d users, %v: want 2, since nothing of a refused one is left", total, err)
		}
	}},
	{"are changed as they are now, all of it or nothing", func(s *scene) {
		ada := s.user("ada@example.com")
		s.advance(time.Minute)
		got, err := s.db.UpdateUser(s.ctx, ada.ID, func(u *store.User) error {
			u.Profile.LastName, u.Role, u.DeactivatedAt = u.Profile.LastName+"-King", store.RoleManager, time.Now()
			return nil
		})
		s.must(err)
		if got.Profile.LastName != "Lovelace-King" || got.Role != store.RoleManager || got.DeactivatedAt.IsZero() || !got.UpdatedAt.After(ada.UpdatedAt) {
			s.Errorf("changed: %+v", got)
		}
		_, err = s.db.UpdateUser(s.ctx, ada.ID, func(u *store.User) error { u.Profile.Bio = "lost"; return errNo })
		if !errors.Is(err, errNo) {
			s.Errorf("got %v, want the error of the change", err)
		}
		since := got.DeactivatedAt
		again, err := s.db.UpdateUser(s.ctx, ada.ID, func(*store.User) error { return nil })
		s.must(err)
		if again.Profile.Bio == "lost" || !again.DeactivatedAt.Equal(since) {
			s.Errorf("after a refused change, and one that is none: %+v", again)
		}
		back, err := s.db.UpdateUser(s.ctx, ada.ID, func(u *store.User) error { u.DeactivatedAt = time.Time{}; return nil })
		s.must(err)
		if !back.DeactivatedAt.IsZero() {
			s.Error("the user is not active again")
		}
		_, err = s.db.UpdateUser(s.ctx, uuid.New(), func(*store.User) error { return nil })
		s.wantFault(err, fault.NotFound)
	}},
	{"are found by a part of the name or the e-mail", func(s *scene) {
		ada := s.user("ada@example.com")
		alan := s.user("alan@heyq.example", func(u *store.User) { u.Profile.FirstName, u.Profile.LastName = "Älan", "Turing" })
		odd := s.user("odd_100%@example.com", func(u *store.User) { u.Profile.FirstName, u.Profile.LastName = "", "" })
		for search, want := range map[string][]uuid.UUID{
			"": {odd.ID, alan.ID, ada.ID}, "LOVE": {ada.ID}, "example.com": {odd.ID, ada.ID}, "älan t": {alan.ID}, "ÄLAN": {alan.ID},
			"%": {odd.ID}, "_": {odd.ID}, "nobody": nil, "'": nil,
		} {
			list, total, err := s.db.Users(s.ctx, store.UserFilter{Search: search}, store.Page{Number: 1, Size: 10})
			s.must(err)
			if diff := cmp.Diff(want, userIDs(list)); diff != "" || total != len(want) {
				s.Errorf("search %q: %d in all (-want +got):\n%s", search, total, diff)
			}
		}
	}},
	{"are listed by pages and behind one of them", func(s *scene) {
		var ids []uuid.UUID
		for i := range 5 {
			ids = append([]uuid.UUID{s.user(fmt.Sprintf("user%d@example.com", i)).ID}, ids...)
		}
		second, total, err := s.db.Users(s.ctx, store.UserFilter{}, store.Page{Number: 2, Size: 2})
		s.must(err)
		if diff := cmp.Diff(ids[2:4], userIDs(second)); diff != "" || total != 5 {
			s.Errorf("page 2, %d in all (-want +got):\n%s", total, diff)
		}
		rest, total, err := s.db.Users(s.ctx, store.UserFilter{Behind: ids[2]}, store.Page{Number: 1, Size: 10})
		s.must(err)
		if diff := cmp.Diff(ids[3:], userIDs(rest)); diff != "" || total != 5 {
			s.Errorf("behind the third, %d in all (-want +got):\n%s", total, diff)
		}
	}},
	{"leave their videos to the owner", func(s *scene) {
		ada := s.user("ada@example.com")
		id := s.create(func(v *store.NewVideo) { v.UserID = ada.ID.String() })
		other := s.create(func(v *store.NewVideo) { v.UserID = "shop" })
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.KeepVideos))
		if got := s.video(id).UserID; got != store.DefaultUser {
			s.Errorf("the video is %s's", got)
		}
		if got := s.video(other).UserID; got != "shop" {
			s.Errorf("another's video is %s's", got)
		}
		_, err := s.db.User(s.ctx, ada.ID)
		s.wantFault(err, fault.NotFound)
		s.wantFault(s.db.DeleteUser(s.ctx, ada.ID, store.KeepVideos), fault.NotFound)
		s.user("ada@example.com") // the e-mail is free again
	}},
}

func newUser(email string, change ...func(*store.User)) store.User {
	u := store.User{
		ID: uuid.Must(uuid.NewV7()), Email: email, Role: store.RoleMember,
		Profile: store.Profile{FirstName: "Ada", LastName: "Lovelace", Bio: "Counts", AvatarURL: "https://example.com/ada.png", TimeZone: "Europe/London"},
	}
	for _, c := range change {
		c(&u)
	}
	return u
}

func (s *scene) user(email string, change ...func(*store.User)) store.User {
	s.Helper()
	u, err := s.db.CreateUser(s.ctx, newUser(email, change...))
	s.must(err)
	return u
}

func userIDs(list []store.User) (ids []uuid.UUID) {
	for _, u := range list {
		ids = append(ids, u.ID)
	}
	return ids
}
