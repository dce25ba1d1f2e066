package people

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
	"heyq/wire"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t)
	ada, err := db.CreateUser(t.Context(), store.User{ID: uuid.Must(uuid.NewV7()), Email: "ada@example.com", Role: store.RoleMember})
	if err != nil {
		t.Fatal(err)
	}
	member := Caller{User: ada.ID.String(), Name: ada.Email, Role: store.RoleMember}
	keys := NewKeys(db, nil)
	made, secret, err := keys.Create(t.Context(), member, wire.NewKey{Name: "shop", Scopes: []string{"videos:read"}})
	if err != nil {
		t.Fatal(err)
	}
	prefix, rest, _ := strings.Cut(strings.TrimPrefix(secret, "heyq_"), "_")
	if !strings.HasPrefix(secret, made.Shown+"_") || len(prefix) != 8 || len(rest) < 26 || strings.Contains(made.Shown, rest) {
		t.Errorf("the key is %s, and what is kept of it %s", secret, made.Shown)
	}
	c, ok, err := keys.Find(t.Context(), secret)
	if err != nil || !ok || c.User != member.User || c.Role != store.RoleMember || !c.May(ReadVideos) || c.May(WriteVideos) || !strings.Contains(c.Name, "ada@example.com") {
		t.Errorf("found %+v, %t, %v", c, ok, err)
	}
	for _, wrong := range []string{"", "heyq_", secret + "x", strings.ToUpper(secret), made.Shown + "_", "heyq_x_y", strings.Repeat("heyq_a_b", 10_000)} {
		if c, ok, err := keys.Find(t.Context(), wrong); ok || err != nil || c.Role != "" {
			t.Errorf("%.40q lets in %+v, %v", wrong, c, err)
		}
	}
	if _, err := keys.Revoke(t.Context(), member, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := keys.Find(t.Context(), secret); ok {
		t.Error("a key that was revoked in this process lets in")
	}
}

func TestKeys_refused(t *testing.T) {
	t.Parallel()
	keys := NewKeys(nil, nil)
	member := Caller{User: "ada", Role: store.RoleMember}
	for name, c := range map[string]struct {
		by    Caller
		n     wire.NewKey
		field string
		says  string
	}{
		"no name":            {member, wire.NewKey{Scopes: []string{"videos:read"}}, "name", "where the key is used"},
		"a name of controls": {member, wire.NewKey{Name: "a\x1b[2J", Scopes: []string{"videos:read"}}, "name", ""},
		"no scope":           {member, wire.NewKey{Name: "a"}, "scopes", "videos:read, videos:write, usage:read or operate"},
		"an unknown scope":   {member, wire.NewKey{Name: "a", Scopes: []string{"videos:all"}}, "scopes", "no scope"},
		"people":             {Owner(), wire.NewKey{Name: "a", Scopes: []string{"people"}}, "scopes", "no scope"},
		"open":               {Owner(), wire.NewKey{Name: "a", Scopes: []string{"open"}}, "scopes", "no scope"},
		"wider than a role":  {member, wire.NewKey{Name: "a", Scopes: []string{"operate"}}, "scopes", "wider"},
		"another's":          {member, wire.NewKey{Name: "a", Scopes: []string{"videos:read"}, UserID: uuid.NewString()}, "user_id", "leave it out"},
		"no user":            {Owner(), wire.NewKey{Name: "a", Scopes: []string{"videos:read"}, UserID: "ada"}, "user_id", "leave it out"},
		"over":               {member, wire.NewKey{Name: "a", Scopes: []string{"videos:read"}, ExpiresAt: time.Now().Add(-time.Hour)}, "expires_at", "to come"},
	} {
		_, _, err := keys.Create(t.Context(), c.by, c.n)
		f, _ := errors.AsType[*fault.Error](err)
		if f == nil || len(f.Fields) == 0 || f.Fields[0].Name != c.field || !strings.Contains(f.Fields[0].Message, c.says) {
			t.Errorf("%s: got %v, want %s to be wrong, and %q", name, err, c.field, c.says)
		}
	}
}

// A key makes none that outlives it, and ends none that may do more.
func TestKeys_are_not_moved_by_a_key(t *testing.T) {
	t.Parallel()
	keys := NewKeys(nil, nil)
	narrow := Caller{User: store.DefaultUser, Role: store.RoleOwner, Scopes: []Scope{ReadVideos}}
	if _, _, err := keys.Create(t.Context(), narrow, wire.NewKey{Name: "a", Scopes: []string{"videos:read"}}); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("made: %v", err)
	}
	if _, err := keys.Revoke(t.Context(), narrow, uuid.New()); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("revoked: %v", err)
	}
}

// vault counts what is asked of a store in which one key can be revoked.
type vault struct {
	store.Keys
	asked   atomic.Int32
	revoked atomic.Bool
}

func (v *vault) FindKey(context.Context, [32]byte) (store.KeyHolder, bool, error) {
	v.asked.Add(1)
	return store.KeyHolder{Key: store.Key{Shown: "heyq_a", Scopes: []string{"videos:read"}}, Role: store.RoleOwner}, !v.revoked.Load(), nil
}

func (v *vault) UseKey(context.Context, uuid.UUID) error { return nil }

// What another process revoked is seen within two seconds, and meanwhile the store is
// not asked for each request; nor is it for a stranger's, of whom no more is remembered
// than is bounded.
func TestKeys_are_remembered_for_a_moment(t *testing.T) {
	t.Parallel()
	v := &vault{}
	keys := NewKeys(v, nil)
	for range 100 {
		if _, ok, _ := keys.Find(t.Context(), "heyq_a_b"); !ok {
			t.Fatal("the key does not let in")
		}
	}
	if n := v.asked.Load(); n > 3 {
		t.Errorf("the store was asked %d times for 100 requests", n)
	}
	v.revoked.Store(true)
	for i := range 3 * mostRemembered {
		_, _, _ = keys.Find(t.Context(), "heyq_stranger_"+uuid.NewString()[:8]+string(rune('a'+i%26)))
	}
	if n := keys.known.Len(); n > mostRemembered {
		t.Errorf("%d keys are remembered, want %d at most", n, mostRemembered)
	}
	if keyMemory >= 2*time.Second {
		t.Errorf("a key is believed for %s; promised is an end within two seconds", keyMemory)
	}
	fresh := NewKeys(v, nil)
	v.revoked.Store(false)
	if _, ok, _ := fresh.Find(t.Context(), "heyq_a_b"); !ok {
		t.Fatal("the key does not let in")
	}
	v.revoked.Store(true)
	testkit.Eventually(t, func() error {
		if _, ok, _ := fresh.Find(t.Context(), "heyq_a_b"); ok {
			return errors.New("a key that was revoked elsewhere still lets in")
		}
		return nil
	})
}
