package storetest

import (
	"strings"

	"github.com/google/uuid"

	"heyq/store"
)

var installationTests = []test{
	{"one id", func(s *scene) {
		first, again := s.installation(), s.installation()
		if first.ID.Version() != 4 || first.ID.Variant() != uuid.RFC4122 || first != again {
			s.Errorf("the installation is %s, then %s; want one random id", first.ID, again.ID)
		}
		if want := strings.Split(first.ID.String(), "-")[0]; first.Word() != want {
			s.Errorf("its word is %q, want %q", first.Word(), want)
		}
	}},
	{"the account that was seen", func(s *scene) {
		if got := s.installation().Account; got != "" {
			s.Errorf("before any was seen it is %q", got)
		}
		for _, account := range []string{store.SimulatorAccount, "ada"} {
			s.must(s.db.RememberAccount(s.ctx, account))
			if got := s.installation().Account; got != account {
				s.Errorf("the account is %q, want %q", got, account)
			}
		}
	}},
	{"a generation only grows", func(s *scene) {
		var got []int64
		for _, least := range []int64{0, 0, 41, 7} {
			n, err := s.db.Advance(s.ctx, least)
			s.must(err)
			got = append(got, n)
		}
		if got[0] != 1 || got[1] != 2 || got[2] != 42 || got[3] != 43 || s.installation().Generation != 43 {
			s.Errorf("the generations are %v, and the last is read as %d", got, s.installation().Generation)
		}
	}},
	{"set back", func(s *scene) {
		if got := s.installation().SetBack; !got.IsZero() {
			s.Errorf("before anything was noticed it was set back at %s", got)
		}
		before := s.video(s.create()).CreatedAt
		s.must(s.db.NoteSetBack(s.ctx))
		if got := s.installation().SetBack; got.Before(before) {
			s.Errorf("it was set back at %s, and a row of before is from %s", got, before)
		}
	}},
	{"at home", func(s *scene) {
		if s.installation().Copied() {
			s.Error("a database that nobody has settled in is taken for a copy")
		}
		s.must(s.db.Settle(s.ctx))
		if i := s.installation(); i.Copied() || i.Home != i.Here {
			s.Errorf("settled in %q, and here is %q", i.Home, i.Here)
		}
	}},
}

func (s *scene) installation() store.Installation {
	s.Helper()
	i, err := s.db.Installation(s.ctx)
	s.must(err)
	return i
}
