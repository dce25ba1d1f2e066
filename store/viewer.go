package store

// Viewer says whose videos a caller may see and change. The zero Viewer sees none: a
// caller that forgot to say who asks finds nothing. Another's video is not there for
// it, in whatever way it asks. One that was shown to it, by a Share, it may read: a
// change of that one is a fault.Forbidden.
type Viewer struct {
	user string
	all  bool
}

// Everyone sees the videos of all users, as heyq itself and its operators do.
func Everyone() Viewer { return Viewer{all: true} }

// Only sees the videos of one user, and reads those that are shown to it.
func Only(user string) Viewer { return Viewer{user: user} }

// Scope returns the user whose videos w sees, or that it sees all.
func (w Viewer) Scope() (user string, all bool) { return w.user, w.all }

// Owns reports whether a user's videos are w's to change.
func (w Viewer) Owns(user string) bool { return w.all || user != "" && w.user == user }
