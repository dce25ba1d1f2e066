package people

import (
	"math"
	"slices"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// Scope is a part of what heyq does. Each operation of the API wants one, and a key has
// some of those that its user's role has.
type Scope string

// The scopes.
const (
	ReadVideos  Scope = "videos:read"
	WriteVideos Scope = "videos:write"
	ReadUsage   Scope = "usage:read"
	Operate     Scope = "operate" // queues, jobs, alerts, admission, the schedule, the log
	Manage      Scope = "people"  // users and their roles; no key has it

	// SignedIn is what every known user may do, with whatever key.
	SignedIn Scope = "signed in"
	// Open is what wants no key at all.
	Open Scope = "open"
)

// Scopes are those that a key may have.
var Scopes = []Scope{ReadVideos, WriteVideos, ReadUsage, Operate}

// anyPriority is no bound: what a priority may be is the request's own rule.
const anyPriority = math.MaxInt

// roles is who may do what: the scopes of each role, whether it sees the videos of all
// users or its own, and how urgent its videos may be.
var roles = map[store.Role]struct {
	scopes   []Scope
	all      bool
	priority int // the greatest that it may ask for
}{
	store.RoleOwner:    {[]Scope{ReadVideos, WriteVideos, ReadUsage, Operate, Manage}, true, anyPriority},
	store.RoleOperator: {[]Scope{ReadVideos, WriteVideos, ReadUsage, Operate}, true, anyPriority},
	store.RoleManager:  {[]Scope{ReadVideos, WriteVideos, ReadUsage}, true, anyPriority},
	store.RoleMember:   {[]Scope{ReadVideos, WriteVideos}, false, 0},
	store.RoleViewer:   {[]Scope{ReadVideos}, false, 0},
}

// Caller is who sends a request. The zero Caller may do nothing and sees nothing.
type Caller struct {
	User   string     // whose videos its are: a user's id, or store.DefaultUser
	Name   string     // for the record of what it changes
	Role   store.Role //
	Scopes []Scope    // of the key that it shows; nil: all that the role has
	Key    uuid.UUID  // that it shows; Nil: it shows none
}

// Owner is the holder of the operator token.
func Owner() Caller { return Caller{User: store.DefaultUser, Name: "operator", Role: store.RoleOwner} }

// As is a user who has logged in: the zero Caller if the user is deactivated.
func As(u store.User) Caller {
	if !u.DeactivatedAt.IsZero() {
		return Caller{}
	}
	return Caller{User: u.ID.String(), Name: u.Email, Role: u.Role}
}

// Can lists the scopes that a key of the caller's may have.
func (c Caller) Can() []Scope {
	return slices.DeleteFunc(slices.Clone(Scopes), func(s Scope) bool { return !c.May(s) })
}

// May reports whether the caller may use the operations that want the scope s.
func (c Caller) May(s Scope) bool {
	switch {
	case s == Open:
		return true
	case s == SignedIn:
		return c.Role != ""
	case c.Scopes != nil && !slices.Contains(c.Scopes, s):
		return false
	}
	return slices.Contains(roles[c.Role].scopes, s)
}

// Refusal says why the caller may not do what wants a scope; nil: it may.
func (c Caller) Refusal(s Scope) *fault.Error {
	if c.May(s) {
		return nil
	}
	if c.Scopes != nil && (Caller{Role: c.Role}).May(s) {
		return fault.New(fault.Forbidden, "the key lacks the scope %s", s).WithHint("use a key that has it")
	}
	return fault.New(fault.Forbidden, "this wants the scope %s, which the role %s has not", s, c.Role).
		WithHint("ask an owner of this heyq to do it, or for another role")
}

// Sees reports whether the caller sees a user's videos.
func (c Caller) Sees(user string) bool {
	return roles[c.Role].all || c.Role != "" && c.User == user
}

// TopPriority is the greatest priority that the caller may give a video.
func (c Caller) TopPriority() int { return roles[c.Role].priority }

// Viewer says whose videos the caller sees.
func (c Caller) Viewer() store.Viewer {
	switch {
	case roles[c.Role].all:
		return store.Everyone()
	case c.Role == "":
		return store.Viewer{}
	}
	return store.Only(c.User)
}
