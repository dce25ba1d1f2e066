package sql

import (
	"context"

	"heyq/store"
)

var (
	readMeta = statement("read the installation", `SELECT key, value FROM meta`)
	remember = statement("note the installation", `INSERT INTO meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value`)
	advance  = statement("count the generation", `
		INSERT INTO meta AS m (key, value) VALUES ('generation', CAST(CAST(@least AS bigint) + 1 AS text))
		    ON CONFLICT (key) DO UPDATE SET value = CAST({greatest}(CAST(m.value AS bigint), CAST(@least AS bigint)) + 1 AS text)
		RETURNING CAST(value AS bigint)`)
	noteSetBack = statement("note that the database was set back", `
		INSERT INTO meta (key, value) VALUES ('set_back', CAST({micros {now}} AS text)) ON CONFLICT (key) DO UPDATE SET value = excluded.value`)
	keepFirst = statement("keep a secret", `INSERT INTO meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO NOTHING`)
	readKept  = statement("read a secret", `SELECT value FROM meta WHERE key = @key`)
)

// Installation returns whose database this is, as far as its rows tell.
func (p *Protocol) Installation(ctx context.Context) (store.Installation, error) {
	i, err := Installation(ctx, p.db.Read)
	return i, p.explain(err, "read the installation's id")
}

// Installation is that of a database which is only read.
func Installation(ctx context.Context, do Do) (store.Installation, error) {
	type row struct{ key, value string }
	list, err := collect(ctx, do, readMeta, nil, func(r Row) (m row, err error) { return m, r.Scan(&m.key, &m.value) })
	if err != nil {
		return store.Installation{}, err
	}
	meta := map[string]string{}
	for _, m := range list {
		meta[m.key] = m.value
	}
	return store.InstallationOf(meta)
}

// RememberAccount writes down which account of HeyGen renders for this database.
func (p *Protocol) RememberAccount(ctx context.Context, account string) error {
	return p.write(ctx, "remember the account at HeyGen", remember, Args{"key": "heygen_account", "value": account})
}

// SettleAt makes here the Home.
func (p *Protocol) SettleAt(ctx context.Context, here string) error {
	return p.write(ctx, "remember the database's name", remember, Args{"key": "home", "value": here})
}

// Advance makes the generation grow beyond itself and beyond least.
func (p *Protocol) Advance(ctx context.Context, least int64) (int64, error) {
	list, err := collect(ctx, p.db.Write, advance, Args{"least": least}, scanOne[int64])
	if err != nil {
		return 0, p.explain(err, "count the generation")
	}
	return list[0], nil
}

// NoteSetBack makes now the time of SetBack.
func (p *Protocol) NoteSetBack(ctx context.Context) error {
	return p.write(ctx, "note that the database was set back", noteSetBack, nil)
}

// Keep returns the secret that the installation keeps under a name: secret
// itself, unless it kept one before.
func (p *Protocol) Keep(ctx context.Context, name, secret string) (string, error) {
	args := Args{"key": "secret:" + name, "value": secret}
	if err := p.write(ctx, "keep a secret", keepFirst, args); err != nil {
		return "", err
	}
	kept, err := collect(ctx, p.db.Read, readKept, args, scanOne[string])
	if err == nil && len(kept) != 1 {
		err = errGone
	}
	if err != nil {
		return "", p.explain(err, "read a secret")
	}
	return kept[0], nil
}
