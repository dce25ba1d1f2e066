package main

import (
	"testing"

	"heyq/wire"
)

func TestE2E_users(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	heyq(t, environ, "users", "list").wantOK(t).want(t, 0, "no users")
	ada := decode[wire.User](t, heyq(t, environ, "users", "create", "ada@example.com", "--first-name", "Ada", "--last-name", "Lovelace", "--json").wantOK(t))
	heyq(t, environ, "users", "create", "ADA@example.com").want(t, 4, "another user's")
	heyq(t, environ, "users", "create", "ada").want(t, 2, "email", "ada@example.com")
	heyq(t, environ, "users", "list", "--search", "LOVE").wantOK(t).want(t, 0, ada.ID, "Ada Lovelace", "member", "page 1 of 1, 1 user")
	heyq(t, environ, "users", "update", ada.ID, "--role", "manager", "--active=false").wantOK(t).want(t, 0, "manager", "deactivated")
	heyq(t, environ, "users", "update", ada.ID, "--active").wantOK(t)
	heyq(t, environ, "users", "get", ada.ID).wantOK(t).want(t, 0, "ada@example.com", "Ada Lovelace", "manager", "UTC")
	heyq(t, environ, "users", "delete", ada.ID, "--videos", "delete").want(t, 2, "0 videos", "--yes")
	heyq(t, environ, "users", "delete", ada.ID, "--videos", "both", "--yes").want(t, 2, "videos")
	heyq(t, environ, "notifications", "secret", "--user", ada.ID).wantOK(t).want(t, 0, "whsec_")
	heyq(t, environ, "notifications", "secret", "--user", ada.ID, "--rotate").wantOK(t).want(t, 0, "whsec_", "signs until")
	heyq(t, environ, "notifications", "secret").want(t, 4, "HEYQ_NOTIFY_SECRET")
	heyq(t, environ, "users", "delete", ada.ID, "--videos", "delete", "--yes").wantOK(t).want(t, 0, ada.ID+" is deleted")
	heyq(t, environ, "users", "get", ada.ID).want(t, 3, "list them with heyq users list")
}
