package people

import (
	"testing"

	"heyq/internal/auth"
	"heyq/wire"
)

func TestMembers_ByEmail(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	m := Members{Users: s.users, Passwords: s.Passwords}
	for email, want := range map[string]bool{
		"Ada.Lovelace@example.com": true, "ada.lovelace@EXAMPLE.com": true,
		"alan@example.com": false, "": false, "%": false, "ada.lovelace@example.com\x00": false, "\xff@example.com": false,
	} {
		who, h, err := m.ByEmail(t.Context(), email)
		if err != nil || (who != nil) != want || want && (who.(Caller).User != s.ada.ID.String() || h != holderOf(s.ada)) {
			t.Errorf("%q is %v, %v, %v", email, who, h, err)
		}
	}
	inactive := false
	if _, err := s.users.Update(t.Context(), s.ada.ID, wire.UserChange{Active: &inactive}); err != nil {
		t.Fatal(err)
	}
	if who, h, err := m.ByEmail(t.Context(), s.ada.Email); who != nil || h != (auth.Holder{}) || err != nil {
		t.Errorf("a deactivated one is %v, %v, %v", who, h, err)
	}
}
