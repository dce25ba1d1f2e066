package storetest

import (
	"crypto/sha256"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

var apiKeyTests = []test{
	{"are found by their sum, with their user", func(s *scene) {
		ada := s.user("ada@example.com", func(u *store.User) { u.Role = store.RoleManager })
		made := s.apiKey("a", ada.ID)
		got, ok := s.findKey("a")
		if diff := cmp.Diff(store.KeyHolder{Key: made, Email: "ada@example.com", Role: store.RoleManager}, got); diff != "" || !ok {
			s.Errorf("found %t (-want +got):\n%s", ok, diff)
		}
		s.apiKey("b", uuid.Nil)
		if got, ok := s.findKey("b"); !ok || got.Role != store.RoleOwner || got.Email != "" || got.User != uuid.Nil {
			s.Errorf("the owner's: %+v, %t", got, ok)
		}
		s.wantNoKey("c")
		_, err := s.db.CreateKey(s.ctx, store.Key{ID: uuid.New(), User: uuid.New()}, sha256.Sum256([]byte("d")))
		s.wantFault(err, fault.NotFound)
	}},
	{"end by time, by revocation and with their user", func(s *scene) {
		ada := s.user("ada@example.com")
		now, err := s.db.Now(s.ctx)
		s.must(err)
		s.apiKey("short", ada.ID, func(k *store.Key) { k.ExpiresAt = now.Add(time.Hour) })
		long, revoked := s.apiKey("long", ada.ID), s.apiKey("revoked", ada.ID)
		got, err := s.db.RevokeKey(s.ctx, store.Only(ada.ID.String()), revoked.ID)
		s.must(err)
		again, err := s.db.RevokeKey(s.ctx, store.Everyone(), revoked.ID)
		s.must(err)
		if got.RevokedAt.IsZero() || !again.RevokedAt.Equal(got.RevokedAt) {
			s.Errorf("revoked at %s, and again at %s", got.RevokedAt, again.RevokedAt)
		}
		s.wantNoKey("revoked")
		if _, ok := s.findKey("short"); !ok {
			s.Error("a key has ended before its time")
		}
		s.advance(time.Hour + margin)
		s.wantNoKey("short")
		active := func(yes bool) {
			_, err := s.db.UpdateUser(s.ctx, ada.ID, func(u *store.User) error {
				if u.DeactivatedAt = time.Now(); yes {
					u.DeactivatedAt = time.Time{}
				}
				return nil
			})
			s.must(err)
		}
		active(false)
		s.wantNoKey("long")
		active(true)
		if got, ok := s.findKey("long"); !ok || got.ID != long.ID {
			s.Error("the key of a user that is active again is not found")
		}
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.KeepVideos))
		s.wantNoKey("long")
	}},
	{"are their users' own", func(s *scene) {
		ada, alan := s.user("ada@example.com"), s.user("alan@example.com")
		adas, alans, owners := s.apiKey("a", ada.ID), s.apiKey("b", alan.ID), s.apiKey("c", uuid.Nil)
		for viewer, want := range map[store.Viewer][]uuid.UUID{
			store.Everyone():              {owners.ID, alans.ID, adas.ID},
			store.Only(ada.ID.String()):   {adas.ID},
			store.Only(store.DefaultUser): {owners.ID},
			{}:                            nil,
		} {
			list, err := s.db.ListKeys(s.ctx, viewer)
			s.must(err)
			var ids []uuid.UUID
			for _, k := range list {
				ids = append(ids, k.ID)
			}
			if diff := cmp.Diff(want, ids); diff != "" {
				s.Errorf("%+v (-want +got):\n%s", viewer, diff)
			}
		}
		_, err := s.db.RevokeKey(s.ctx, store.Only(ada.ID.String()), alans.ID)
		s.wantFault(err, fault.NotFound)
		if _, ok := s.findKey("b"); !ok {
			s.Error("another revoked the key")
		}
	}},
	{"note their use once a minute", func(s *scene) {
		k := s.apiKey("a", uuid.Nil)
		used := func() time.Time {
			s.must(s.db.UseKey(s.ctx, k.ID))
			got, _ := s.findKey("a")
			return got.UsedAt
		}
		first := used()
		if first.IsZero() || !used().Equal(first) {
			s.Error("the use was noted not at all, or twice within a minute")
		}
		s.advance(time.Minute + margin)
		before, _ := s.findKey("a")
		if !used().After(before.UsedAt) {
			s.Error("the use was not noted a minute later")
		}
	}},
}

func (s *scene) apiKey(secret string, user uuid.UUID, change ...func(*store.Key)) store.Key {
	s.Helper()
	k := store.Key{ID: uuid.Must(uuid.NewV7()), User: user, Name: "shop “ä”", Shown: "heyq_abc", Scopes: []string{"videos:read"}}
	for _, c := range change {
		c(&k)
	}
	made, err := s.db.CreateKey(s.ctx, k, sha256.Sum256([]byte(secret)))
	s.must(err)
	return made
}

func (s *scene) findKey(secret string) (store.KeyHolder, bool) {
	s.Helper()
	h, ok, err := s.db.FindKey(s.ctx, sha256.Sum256([]byte(secret)))
	s.must(err)
	return h, ok
}

func (s *scene) wantNoKey(secret string) {
	s.Helper()
	if _, ok := s.findKey(secret); ok {
		s.Errorf("the key %s lets in", secret)
	}
}
