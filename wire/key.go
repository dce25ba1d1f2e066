package wire

import "time"

// Key is a key as the API shows it, without what is secret of it.
type Key struct {
	ID        string     `json:"id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	UserID    string     `json:"user_id" example:"default" doc:"In whose name it lets in"`
	Name      string     `json:"name" example:"import of the shop"`
	Shown     string     `json:"shown" example:"heyq_k7f3q2ab" doc:"Its beginning, which is no secret"`
	Scopes    []string   `json:"scopes" nullable:"false" example:"[\"videos:read\"]"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at" doc:"null: never"`
	UsedAt    *time.Time `json:"used_at" doc:"When it was used last, within a minute; null: never"`
	RevokedAt *time.Time `json:"revoked_at" doc:"null: it was not"`
}

// NewKey is a key to be made.
type NewKey struct {
	Name      string    `json:"name,omitempty" doc:"Says where it is used; at most 100 characters" example:"import of the shop"`
	UserID    string    `json:"user_id,omitempty" doc:"In whose name it lets in, if an owner makes it for a user; default your own" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	Scopes    []string  `json:"scopes,omitempty" doc:"What it may do: some of videos:read, videos:write, usage:read, operate; no more than its maker may" example:"[\"videos:read\", \"videos:write\"]"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"Until when it lets in (RFC 3339); default for ever"`
}

// MadeKey is a key with what is shown of it this once.
type MadeKey struct {
	Key
	Secret string `json:"secret" example:"heyq_k7f3q2ab_ABCDEFGHIJKLMNOPQRSTUVWXYZ" doc:"To be sent as Authorization: Bearer; it is shown this once, and kept nowhere"`
}

// KeyList lists keys, newest first.
type KeyList struct {
	Keys []Key `json:"keys" nullable:"false"`
}
