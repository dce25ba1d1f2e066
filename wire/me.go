package wire

import (
	"time"

	"heyq/store"
)

// Me is who sends a request.
type Me struct {
	ID     string     `json:"id" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e" doc:"The user's id; default: the holder of the operator token"`
	Name   string     `json:"name" example:"ada@example.com" doc:"As the record of what is done has it"`
	Role   store.Role `json:"role" enum:"owner,operator,manager,member,viewer"`
	By     string     `json:"by" enum:"token,key,login" doc:"What the request showed"`
	Scopes []string   `json:"scopes" nullable:"false" example:"[\"videos:read\"]" doc:"What the request may do, and so what a key may have that it makes"`
	User   *User      `json:"user" doc:"With the profile; null: the holder of the operator token"`
}

// Session is a browser that has logged in.
type Session struct {
	ID      string    `json:"id" example:"5d41402abc4b2a76b9719d911017c592"`
	Present bool      `json:"present" doc:"The one that shows this"`
	BegunAt time.Time `json:"begun_at"`
	UsedAt  time.Time `json:"used_at" doc:"Within a minute; a day later it is over, and so it is a week after it began"`
	Agent   string    `json:"agent" doc:"What the browser calls itself"`
	Address string    `json:"address" example:"192.0.2.7" doc:"Where it was used last"`
}

// SessionList lists a user's sessions, the newest first.
type SessionList struct {
	Sessions []Session `json:"sessions" nullable:"false"`
}

// EndedSessions says how many sessions have been ended.
type EndedSessions struct {
	Ended int `json:"ended"`
}

// NewLink is a link to be made for a user.
type NewLink struct {
	Kind store.LinkKind `json:"kind,omitempty" enum:"invite,reset" doc:"What it is for: a first password, or another one; default invite"`
}

// Link is a link with what is shown of it this once.
type Link struct {
	UserID    string         `json:"user_id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	Kind      store.LinkKind `json:"kind" enum:"invite,reset"`
	URL       string         `json:"url" example:"https://heyq.example.com/password?token=ABCDEFGHIJKLMNOPQRSTUVWXYZ" doc:"For the user alone: who opens it sets the user's password, once. It is shown this once, and kept nowhere"`
	Token     string         `json:"token" example:"ABCDEFGHIJKLMNOPQRSTUVWXYZ" doc:"What the link has in it, for POST /v1/password"`
	ExpiresAt time.Time      `json:"expires_at"`
}

// PasswordByLink sets the password of a link's user.
type PasswordByLink struct {
	Token    string `json:"token,omitempty" doc:"What the link has in it"`
	Password string `json:"password,omitempty" doc:"12 to 200 characters of any kind, not the e-mail, and not among the commonest"`
}

// PasswordChange sets the caller's own password.
type PasswordChange struct {
	Current string `json:"current,omitempty" doc:"The password until now, if there is one"`
	New     string `json:"new,omitempty" doc:"12 to 200 characters of any kind, not the e-mail, and not among the commonest"`
}
