package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// Endpoints returns what is registered with HeyGen, the oldest first.
func (s *Store) Endpoints(ctx context.Context) ([]store.Endpoint, error) {
	list, err := collect(ctx, s, func(row pgx.CollectableRow) (e store.Endpoint, err error) {
		return e, row.Scan(&e.ID, &e.URL, &e.Secret, asTime(&e.CreatedAt))
	}, `SELECT id, url, secret, created_at FROM heygen_endpoints ORDER BY created_at, id`)
	return list, explain(err, "read the webhook endpoints")
}

// SaveEndpoint adds one, or replaces the one with its id.
func (s *Store) SaveEndpoint(ctx context.Context, e store.Endpoint) error {
	_, err := s.exec(ctx, `
		INSERT INTO heygen_endpoints (id, url, secret) VALUES ($1, $2, $3)
		    ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, created_at = excluded.created_at`, e.ID, e.URL, e.Secret)
	return explain(err, "keep a webhook endpoint")
}

// DropEndpoint forgets one.
func (s *Store) DropEndpoint(ctx context.Context, id string) error {
	_, err := s.exec(ctx, `DELETE FROM heygen_endpoints WHERE id = $1`, id)
	return explain(err, "forget a webhook endpoint")
}
