package people

import (
	"errors"
	"strings"
	"testing"

	"heyq/internal/fault"
	"heyq/store"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	good := store.User{Email: "ada@example.com", Role: store.RoleMember, Profile: store.Profile{TimeZone: "UTC"}}
	for name, c := range map[string]struct {
		change func(*store.User)
		field  string // that is wrong; empty: none
		remedy string
	}{
		"as it is":                      {func(*store.User) {}, "", ""},
		"plus and dots":                 {func(u *store.User) { u.Email = "ada.l+heyq@mail.example.co.uk" }, "", ""},
		"letters of any kind":           {func(u *store.User) { u.Email = "jörg@bücher.example" }, "", ""},
		"no e-mail":                     {func(u *store.User) { u.Email = "" }, "email", "ada@example.com"},
		"no host":                       {func(u *store.User) { u.Email = "ada" }, "email", "ada@example.com"},
		"a host without a dot":          {func(u *store.User) { u.Email = "ada@localhost" }, "email", "ada@example.com"},
		"a name beside it":              {func(u *store.User) { u.Email = "Ada <ada@example.com>" }, "email", "ada@example.com"},
		"two of them":                   {func(u *store.User) { u.Email = "ada@example.com,alan@example.com" }, "email", "ada@example.com"},
		"a space":                       {func(u *store.User) { u.Email = " ada@example.com" }, "email", "ada@example.com"},
		"a line break":                  {func(u *store.User) { u.Email = "ada@example.com\nBcc: x@example.com" }, "email", ""},
		"too long an e-mail":            {func(u *store.User) { u.Email = strings.Repeat("a", 250) + "@example.com" }, "email", "at most 254"},
		"a role that is none":           {func(u *store.User) { u.Role = "admin" }, "role", "owner, operator, manager, member or viewer"},
		"no role":                       {func(u *store.User) { u.Role = "" }, "role", "member"},
		"a name too long":               {func(u *store.User) { u.Profile.FirstName = strings.Repeat("a", 101) }, "first_name", "at most 100"},
		"a name that clears the screen": {func(u *store.User) { u.Profile.LastName = "a\x1b[2J" }, "last_name", ""},
		"a bio of lines":                {func(u *store.User) { u.Profile.Bio = "one\ntwo" }, "", ""},
		"a bio too long":                {func(u *store.User) { u.Profile.Bio = strings.Repeat("a", 1001) }, "bio", "at most 1000"},
		"a picture":                     {func(u *store.User) { u.Profile.AvatarURL = "https://example.com/a.png" }, "", ""},
		"a picture in clear":            {func(u *store.User) { u.Profile.AvatarURL = "http://example.com/a.png" }, "avatar_url", "https"},
		"a script for a picture":        {func(u *store.User) { u.Profile.AvatarURL = "javascript:alert(1)" }, "avatar_url", "https"},
		"a picture with a password":     {func(u *store.User) { u.Profile.AvatarURL = "https://ada:s3cret@example.com/" }, "avatar_url", "remove"},
		"a zone":                        {func(u *store.User) { u.Profile.TimeZone = "Europe/Berlin" }, "", ""},
		"a zone that is none":           {func(u *store.User) { u.Profile.TimeZone = "Mars/Olympus" }, "time_zone", "Europe/Berlin"},
		"a zone that is a file":         {func(u *store.User) { u.Profile.TimeZone = "../../etc/passwd" }, "time_zone", "Europe/Berlin"},
		"the machine's zone":            {func(u *store.User) { u.Profile.TimeZone = "Local" }, "time_zone", "Europe/Berlin"},
		"no zone":                       {func(u *store.User) { u.Profile.TimeZone = "" }, "time_zone", "Europe/Berlin"},
	} {
		u := good
		c.change(&u)
		err := validate(u)
		f, _ := errors.AsType[*fault.Error](err)
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.field != "" && (f == nil || len(f.Fields) == 0 || f.Fields[0].Name != c.field || !strings.Contains(err.Error(), c.remedy)):
			t.Errorf("%s: got %v, want %s to be wrong, and %q", name, err, c.field, c.remedy)
		case c.field != "" && strings.Contains(err.Error(), "s3cret"):
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
}
