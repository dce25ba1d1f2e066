package sql

import (
	"context"

	"heyq/store"
)

var (
	readEndpoints = statement("read the endpoints", `SELECT id, url, secret, created_at FROM heygen_endpoints ORDER BY created_at, id`)
	saveEndpoint  = statement("keep an endpoint", `
		INSERT INTO heygen_endpoints (id, url, secret, created_at) VALUES (@id, @url, @secret, {now})
		    ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, created_at = excluded.created_at`)
	dropEndpoint = statement("forget an endpoint", `DELETE FROM heygen_endpoints WHERE id = @id`)
)

// Endpoints returns what is registered with HeyGen, the oldest first.
func (p *Protocol) Endpoints(ctx context.Context) ([]store.Endpoint, error) {
	list, err := collect(ctx, p.db.Read, readEndpoints, nil, func(row Row) (e store.Endpoint, err error) {
		return e, row.Scan(&e.ID, &e.URL, &e.Secret, asTime(&e.CreatedAt))
	})
	return list, p.explain(err, "read the webhook endpoints")
}

// SaveEndpoint adds one, or replaces the one with its id.
func (p *Protocol) SaveEndpoint(ctx context.Context, e store.Endpoint) error {
	return p.write(ctx, "keep a webhook endpoint", saveEndpoint, Args{"id": e.ID, "url": e.URL, "secret": e.Secret})
}

// DropEndpoint forgets one.
func (p *Protocol) DropEndpoint(ctx context.Context, id string) error {
	return p.write(ctx, "forget a webhook endpoint", dropEndpoint, Args{"id": id})
}
