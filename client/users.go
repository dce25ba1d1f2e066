package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"heyq/wire"
)

// Users are the people who have videos.
type Users service

// Create makes a user with its profile, both or none.
func (s *Users) Create(ctx context.Context, u wire.UserChange) (wire.User, error) {
	return call[wire.User](ctx, s.c, post("/v1/users", u))
}

// Get returns one user.
func (s *Users) Get(ctx context.Context, id string) (wire.User, error) {
	return call[wire.User](ctx, s.c, get(at("/v1/users/{}", id)))
}

// List lists users, newest first: those whose name or e-mail has search in it.
func (s *Users) List(ctx context.Context, search string, page, perPage int) (wire.UserList, error) {
	r := get("/v1/users")
	r.query = url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}}
	if search != "" {
		r.query.Set("search", search)
	}
	return call[wire.UserList](ctx, s.c, r)
}

// Videos lists a user's videos, newest first, each with the user's name.
func (s *Users) Videos(ctx context.Context, id string, page, perPage int) (wire.UserVideoList, error) {
	r := get(at("/v1/users/{}/videos", id))
	r.query = url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}}
	return call[wire.UserVideoList](ctx, s.c, r)
}

// All goes through the users as List lists them, of all pages.
func (s *Users) All(ctx context.Context, search string) iter.Seq2[wire.User, error] {
	query := url.Values{}
	if search != "" {
		query.Set("search", search)
	}
	return pages(ctx, s.c, "/v1/users", query, func(l wire.UserList) ([]wire.User, wire.Pagination) { return l.Users, l.Pagination })
}

// AllVideos goes through a user's videos as Videos lists them, of all pages.
func (s *Users) AllVideos(ctx context.Context, id string) iter.Seq2[wire.UserVideo, error] {
	return pages(ctx, s.c, at("/v1/users/{}/videos", id), nil, func(l wire.UserVideoList) ([]wire.UserVideo, wire.Pagination) { return l.Videos, l.Pagination })
}

// Update changes what is set in u, and leaves the rest as it is.
func (s *Users) Update(ctx context.Context, id string, u wire.UserChange) (wire.User, error) {
	return call[wire.User](ctx, s.c, request{method: http.MethodPatch, path: at("/v1/users/{}", id), body: u})
}

// Invite makes a link by which a user sets a password, once. Its URL is told this once.
func (s *Users) Invite(ctx context.Context, id string, l wire.NewLink) (wire.Link, error) {
	return call[wire.Link](ctx, s.c, post(at("/v1/users/{}/invite", id), l))
}

// Delete forgets a user. Its videos belong to the owner from then on, or are cancelled
// and removed.
func (s *Users) Delete(ctx context.Context, id string, videos wire.LeftVideos) error {
	return s.c.remove(ctx, at("/v1/users/{}", id), url.Values{"videos": {string(videos)}})
}
