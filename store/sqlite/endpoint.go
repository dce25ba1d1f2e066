package sqlite

import (
	"context"
	"database/sql"

	"heyq/store"
)

// Endpoints returns what is registered with HeyGen, the oldest first.
func (s *Store) Endpoints(ctx context.Context) ([]store.Endpoint, error) {
	list, err := collect(ctx, s.reader, func(row scanner) (e store.Endpoint, err error) {
		return e, row.Scan(&e.ID, &e.URL, &e.Secret, asTime(&e.CreatedAt))
	}, `SELECT id, url, secret, created_at FROM heygen_endpoints ORDER BY created_at, id`)
	return list, explain(err, "read the webhook endpoints")
}

// SaveEndpoint adds one, or replaces the one with its id.
func (s *Store) SaveEndpoint(ctx context.Context, e store.Endpoint) error {
	_, err := s.exec(ctx, `
		INSERT INTO heygen_endpoints (id, url, secret, created_at) VALUES (:id, :url, :secret, :now)
		    ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, created_at = excluded.created_at`,
		sql.Named("id", e.ID), sql.Named("url", e.URL), sql.Named("secret", e.Secret))
	return explain(err, "keep a webhook endpoint")
}

// DropEndpoint forgets one.
func (s *Store) DropEndpoint(ctx context.Context, id string) error {
	_, err := s.exec(ctx, `DELETE FROM heygen_endpoints WHERE id = :id`, sql.Named("id", id))
	return explain(err, "forget a webhook endpoint")
}
