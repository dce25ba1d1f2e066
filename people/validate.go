package people

import (
	"net/mail"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // the machine may have no time zones

	"heyq/internal/check"
	"heyq/internal/text"
	"heyq/store"
)

// The limits of a user; lengths are in characters.
const (
	maxEmail = 254 // RFC 5321
	maxName  = 100
	maxBio   = 1000
	maxURL   = 2000
)

// validate names every wrong field of a user.
func validate(u store.User) error {
	f := check.New("the user is not valid")
	email(f, u.Email)
	roles := make([]string, len(store.Roles))
	for i, r := range store.Roles {
		roles[i] = string(r)
	}
	f.OneOf("role", string(u.Role), roles)
	if u.Role == "" {
		f.Wrong("role", "", "is empty; give %s", check.Or(roles))
	}
	f.Line("first_name", u.Profile.FirstName, maxName)
	f.Line("last_name", u.Profile.LastName, maxName)
	f.Text("bio", u.Profile.Bio, maxBio, text.Prose)
	avatar(f, u.Profile.AvatarURL)
	zone(f, u.Profile.TimeZone)
	return f.Err()
}

// email takes an address alone, as ada@example.com, and nothing that only mail programs
// read: names, comments, groups, quoted parts, addresses in brackets.
func email(f *check.Fields, given string) {
	const field = "email"
	f.Line(field, given, maxEmail)
	parsed, err := mail.ParseAddress(given)
	_, host, _ := strings.Cut(given, "@")
	if err != nil || parsed.Name != "" || parsed.Address != given || strings.ContainsAny(given, "\"()[]<>,;: ") || !strings.Contains(strings.Trim(host, "."), ".") {
		f.Wrong(field, given, "is no e-mail address; give one such as ada@example.com")
	}
}

// avatar is a link that browsers follow. heyq never does.
func avatar(f *check.Fields, given string) {
	const field = "avatar_url"
	f.Line(field, given, maxURL)
	if given == "" {
		return
	}
	u, err := url.Parse(given)
	switch {
	case err != nil || u.Scheme != "https" || u.Hostname() == "":
		f.Wrong(field, given, "is no https link; give one to a picture, or leave it empty")
	case u.User != nil:
		f.Wrong(field, u.Redacted(), "holds a user name or a password; remove them")
	}
}

func zone(f *check.Fields, given string) {
	_, err := time.LoadLocation(given)
	if err != nil || given == "" || given == "Local" {
		f.Wrong("time_zone", given, "is no time zone that exists; give a name such as Europe/Berlin, or UTC")
	}
}
