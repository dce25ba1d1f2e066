package people

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/internal/auth"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
	"heyq/wire"
)

// staff is a heyq with one user, ada, and passwords that are counted.
type staff struct {
	*Passwords
	redis  *miniredis.Miniredis
	db     store.Store
	ada    store.User
	hashed *atomic.Int32
}

func newStaff(t *testing.T) staff {
	t.Helper()
	mini := miniredis.RunT(t)
	r := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = r.Close() })
	db := sqlitetest.Open(t)
	ada, err := db.CreateUser(t.Context(), store.User{ID: uuid.Must(uuid.NewV7()), Email: "Ada.Lovelace@example.com", Role: store.RoleMember, Profile: store.Profile{TimeZone: "UTC"}})
	if err != nil {
		t.Fatal(err)
	}
	s := staff{redis: mini, db: db, ada: ada, hashed: &atomic.Int32{}}
	s.Passwords = NewPasswords(db, NewUsers(db, r, nil), auth.NewLogins(r, "secret", nil), r)
	compute := s.hasher.key
	s.hasher.key = func(password, salt []byte, time, _ uint32, threads uint8, size uint32) []byte {
		s.hashed.Add(1)
		return compute(password, salt, time, 64, threads, size) // as little memory as a test needs
	}
	return s
}

func (s staff) mustLink(t *testing.T) string {
	t.Helper()
	l, token, err := s.Link(t.Context(), s.ada.ID, store.Reset)
	if err != nil || l.Kind != store.Reset || l.User != s.ada.ID || len(token) < 26 {
		t.Fatalf("made %+v %q, %v", l, token, err)
	}
	return token
}

func (s staff) mustSet(t *testing.T, password string) {
	t.Helper()
	if err := s.Use(t.Context(), s.mustLink(t), password); err != nil {
		t.Fatal(err)
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.mustSet(t, "Ünï words of ada's")
	for password, want := range map[string]bool{
		"Ünï words of ada's": true, "U\u0308ni\u0308 words of ada's": true, // composed by another keyboard
		"ünï words of ada's": false, "": false, "Ünï words of ada's ": false,
	} {
		u, ok, wait, err := s.Check(t.Context(), "ADA.lovelace@example.com", password)
		if err != nil || ok != want || wait != 0 || ok != (u.ID == s.ada.ID) {
			t.Errorf("%q: %+v, %t, %s, %v", password, u, ok, wait, err)
		}
	}
	if _, hash, _, _ := s.db.FindPassword(t.Context(), s.ada.Email); !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, "words") {
		t.Errorf("kept is %s", hash)
	}

	token := s.mustLink(t)
	if err := s.Use(t.Context(), token, "short"); !isInvalid(err, "password") {
		t.Errorf("a short one: %v", err)
	}
	if err := s.Use(t.Context(), token, "another few words"); err != nil {
		t.Errorf("a refused password has used the link up: %v", err)
	}
	hashed := s.hashed.Load()
	for _, wrong := range []string{token, "", "x", strings.Repeat("x", 10_000)} {
		if err := s.Use(t.Context(), wrong, "yet another few words"); !isInvalid(err, "token") || strings.Contains(fmt.Sprint(err), token) {
			t.Errorf("a used or unknown link: %v", err)
		}
	}
	if s.hashed.Load() != hashed {
		t.Error("a password was hashed for a stranger without a link")
	}

	ada := As(s.ada)
	if err := s.Set(t.Context(), ada, "wrong", "some other words", ""); !isInvalid(err, "current") {
		t.Errorf("with a wrong one: %v", err)
	}
	if err := s.Set(t.Context(), ada, "another few words", "short", ""); !isInvalid(err, "new") {
		t.Errorf("to a short one: %v", err)
	}
	if err := s.Set(t.Context(), ada, "another few words", "some other words", ""); err != nil {
		t.Error(err)
	}
	if _, ok, _, _ := s.Check(t.Context(), s.ada.Email, "some other words"); !ok {
		t.Error("the new password does not let in")
	}
	ada.Scopes = []Scope{ReadVideos}
	if err := s.Set(t.Context(), ada, "some other words", "a key's own words", ""); codeOf(err) != fault.Forbidden {
		t.Errorf("by a key: %v", err)
	}
	if err := s.Set(t.Context(), Owner(), "", "the token's own words", ""); codeOf(err) != fault.Conflict {
		t.Errorf("by the operator token: %v", err)
	}
	if _, _, err := s.Link(t.Context(), s.ada.ID, "gift"); !isInvalid(err, "kind") {
		t.Errorf("an unknown kind: %v", err)
	}
	if _, _, err := s.Link(t.Context(), uuid.New(), ""); codeOf(err) != fault.NotFound {
		t.Errorf("for an unknown user: %v", err)
	}
}

// Each attempt costs one hash, whoever's the e-mail is: so the time that it takes tells
// nothing of who has an account.
func TestPasswords_take_the_same_work(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	check := func(what, email string) {
		t.Helper()
		before := s.hashed.Load()
		if _, ok, _, err := s.Check(t.Context(), email, "some words"); ok || err != nil {
			t.Errorf("%s: %t, %v", what, ok, err)
		}
		if n := s.hashed.Load() - before; n != 1 {
			t.Errorf("%s: %d hashes, want 1", what, n)
		}
	}
	check("an unknown e-mail", "alan@example.com")
	check("no e-mail", "")
	check("a user without a password", s.ada.Email)
	s.mustSet(t, "a few words of mine")
	check("a wrong password", s.ada.Email)
	if _, err := s.db.UpdateUser(t.Context(), s.ada.ID, func(u *store.User) error { u.DeactivatedAt = time.Now(); return nil }); err != nil {
		t.Fatal(err)
	}
	check("a deactivated user", s.ada.Email)
}

func TestPasswords_refused(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	for password, says := range map[string]string{
		"elevenchars": "has 11 characters; give 12 to 200", strings.Repeat("ä", 201): "has 201 characters",
		"ADA.lovelace@EXAMPLE.com": "is your e-mail", "Ada.Lovelace": "is your e-mail",
		"Password1234": "among the commonest", "qwertyuiopas": "among the commonest",
		"not UTF-8 \xff is it": "is not UTF-8",
	} {
		err := s.Use(t.Context(), s.mustLink(t), password)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || len(f.Fields) != 1 || f.Fields[0].Name != "password" || !strings.Contains(f.Fields[0].Message, says) || f.Fields[0].Value != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
	for _, good := range []string{strings.Repeat("ä", 200), "            ", "🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬", "ada.lovelace and more"} {
		s.mustSet(t, good)
	}
	for word := range commonest {
		if n := len([]rune(word)); n < minPassword || word != strings.ToLower(word) {
			t.Errorf("%q is never compared", word)
		}
	}
}

// A change of a password ends the logins that began before it, but the present one.
func TestPasswords_end_logins(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	m := Members{s.users, s.Passwords}
	s.mustSet(t, "a few words of mine")
	before, ok, _, err := m.Check(t.Context(), s.ada.Email, "a few words of mine")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	wantWho := func(what string, h auth.Holder, want bool) {
		t.Helper()
		who, err := m.Who(t.Context(), h)
		if c, ok := who.(Caller); err != nil || ok != want || ok && (c.User != s.ada.ID.String() || c.Role != store.RoleMember || c.Scopes != nil) {
			t.Errorf("%s: %+v, %v", what, who, err)
		}
	}
	wantWho("a login", before, true)
	wantWho("another's", auth.Holder{User: uuid.NewString(), Mark: before.Mark}, false)
	wantWho("of what is no user", auth.Holder{User: "x"}, false)
	s.mustSet(t, "a few other words")
	wantWho("a login from before", before, false)
	after, _, _, _ := m.Check(t.Context(), s.ada.Email, "a few other words")
	wantWho("a login from after", after, true)
	active := func(yes bool) {
		if _, err := s.users.Update(t.Context(), s.ada.ID, wire.UserChange{Active: &yes}); err != nil {
			t.Fatal(err)
		}
	}
	active(false)
	wantWho("a deactivated user's", after, false)
	active(true)
	wantWho("an active one's", after, true)
	if err := s.users.Delete(t.Context(), s.ada.ID, store.KeepVideos); err != nil {
		t.Fatal(err)
	}
	wantWho("a deleted user's", after, false)
	if wrong, err := m.SetPassword(t.Context(), "x", "y"); err != nil || !strings.HasPrefix(wrong, "the link was used") {
		t.Errorf("got %q, %v", wrong, err)
	}
}

// Passwords for one e-mail are counted in all processes together, and a storm of made-up
// e-mails fills no memory.
func TestPasswords_are_counted_by_account(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	other := NewPasswords(s.db, s.users, s.logins, s.attempts.redis) // of another process
	other.hasher = s.hasher
	s.mustSet(t, "a few words of mine")
	for range 15 {
		for _, p := range []*Passwords{s.Passwords, other} {
			if _, _, wait, err := p.Check(t.Context(), "ada.LOVELACE@example.com", "wrong"); wait != 0 || err != nil {
				t.Fatalf("waits %s, %v", wait, err)
			}
		}
	}
	before := s.hashed.Load()
	for _, p := range []*Passwords{s.Passwords, other} {
		if _, ok, wait, err := p.Check(t.Context(), s.ada.Email, "a few words of mine"); ok || wait <= 0 || wait > 2*time.Minute || err != nil {
			t.Errorf("after thirty: %t, %s, %v", ok, wait, err)
		}
	}
	if s.hashed.Load() != before {
		t.Error("it was hashed all the same")
	}
	if wait, err := s.attempts.note(t.Context(), "alan@example.com"); wait != 0 || err != nil {
		t.Errorf("another e-mail waits %s, %v", wait, err)
	}
	names := map[string]bool{}
	for i := range 10 * counters {
		names[counterOf(fmt.Sprintf("user%d@example.com", i))] = true
	}
	if len(names) > counters {
		t.Errorf("there are %d counters", len(names))
	}

	s.redis.Close()
	if _, _, _, err := s.Check(t.Context(), s.ada.Email, "a few words of mine"); codeOf(err) != fault.Unavailable {
		t.Errorf("without Redis: %v", err)
	}
}

func TestPasswords_are_forgotten_to_be_wrong(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.mustSet(t, "a few words of mine")
	for range 40 { // who is right is not slowed
		if _, ok, wait, err := s.Check(t.Context(), s.ada.Email, "a few words of mine"); !ok || err != nil {
			t.Fatalf("%t, %s, %v", ok, wait, err)
		}
	}
}

// Hashes take memory, and so there are few at once, however many ask.
func TestHasher_is_bounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher()
		var now, most atomic.Int32
		h.key = func([]byte, []byte, uint32, uint32, uint8, uint32) []byte {
			n := now.Add(1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return make([]byte, argonKey)
		}
		var all sync.WaitGroup
		var refused atomic.Int32
		for range 50 {
			all.Go(func() {
				if _, err := h.hash(t.Context(), "x"); codeOf(err) == fault.Unavailable {
					refused.Add(1)
				}
			})
		}
		all.Wait()
		if most.Load() != hashesAtOnce || refused.Load() == 0 || refused.Load() > 32 {
			t.Errorf("%d at once, and %d were refused", most.Load(), refused.Load())
		}
	})
}

func TestPHC(t *testing.T) {
	t.Parallel()
	h := newHasher()
	hash, err := h.hash(t.Context(), "a few words")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"a few words": true, "a few word": false} {
		if ok, err := h.matches(t.Context(), hash, password); ok != want || err != nil {
			t.Errorf("%q: %t, %v", password, ok, err)
		}
	}
	if again, _ := h.hash(t.Context(), "a few words"); again == hash {
		t.Error("two hashes have one salt")
	}
	for _, wrong := range []string{"", "x", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$YWJj", "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$YWJj", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=64,t=1,p=1$?$YWJj"} {
		if _, err := h.matches(t.Context(), wrong, "x"); err == nil {
			t.Errorf("%q is read as a hash", wrong)
		}
	}
}

func isInvalid(err error, field string) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Code == fault.Invalid && len(f.Fields) == 1 && f.Fields[0].Name == field
}

func codeOf(err error) fault.Code {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return ""
	}
	return f.Code
}

var _ auth.Users = Members{}
