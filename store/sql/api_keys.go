package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

const keyColumns = `k.id, coalesce(k.user_id, '00000000-0000-0000-0000-000000000000'), k.name, k.shown, k.scopes, k.created_at, k.expires_at, k.used_at, k.revoked_at`

func scanKey(row Row) (k store.Key, err error) { return k, row.Scan(keyFields(&k)...) }

func keyFields(k *store.Key) []any {
	return []any{
		&k.ID, &k.User, &k.Name, &k.Shown, asJSON(&k.Scopes),
		asTime(&k.CreatedAt), asTime(&k.ExpiresAt), asTime(&k.UsedAt), asTime(&k.RevokedAt),
	}
}

// keyIsSeen is true of a viewer's keys. The owner's have no user.
const keyIsSeen = `(@all OR coalesce(CAST(k.user_id AS text), '` + store.DefaultUser + `') = @viewer)`

var (
	insertKey = statement("create a key", `
		INSERT INTO api_keys (id, user_id, name, shown, sum, scopes, created_at, expires_at)
		VALUES (@id, @user, @name, @shown, @sum, @scopes, {now}, @expires)`)
	findKey = statement("find a key", `
		SELECT `+keyColumns+`, coalesce(u.email, ''), coalesce(u.role, 'owner')
		  FROM api_keys k LEFT JOIN users u ON u.id = k.user_id
		 WHERE k.sum = @sum AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > {now}) AND u.deactivated_at IS NULL`)
	useKey    = statement("note the use of a key", `UPDATE api_keys SET used_at = {now} WHERE id = @id AND (used_at IS NULL OR used_at <= {now} - {span 60000000})`)
	listKeys  = statement("list keys", `SELECT `+keyColumns+` FROM api_keys k WHERE `+keyIsSeen+` ORDER BY k.id DESC LIMIT @most`)
	readKey   = statement("read a key", `SELECT `+keyColumns+` FROM api_keys k WHERE k.id = @id AND `+keyIsSeen)
	revokeKey = statement("revoke a key", `UPDATE api_keys AS k SET revoked_at = coalesce(revoked_at, {now}) WHERE id = @id AND `+keyIsSeen)
)

// CreateKey inserts a key.
func (p *Protocol) CreateKey(ctx context.Context, k store.Key, sum [32]byte) (created store.Key, err error) {
	var user any // NULL: the owner's
	if k.User != uuid.Nil {
		user = k.User
	}
	args := seenBy(store.Everyone(), Args{
		"id": k.ID, "user": user, "name": k.Name, "shown": k.Shown, "sum": sum[:], "scopes": list{k.Scopes}, "expires": k.ExpiresAt,
	})
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if k.User != uuid.Nil {
			if _, err := oneUser(ctx, do, readUser, k.User); err != nil {
				return err
			}
		}
		var made []store.Key
		if err := do(ctx, Step{Statement: insertKey, Args: args}, rows(readKey, args, scanKey, &made)); err != nil {
			return err
		}
		created = made[0]
		return nil
	})
	return created, p.explain(err, "create a key")
}

// FindKey returns the holder of the API key whose SHA-256 is sum.
func (p *Protocol) FindKey(ctx context.Context, sum [32]byte) (h store.KeyHolder, ok bool, err error) {
	found, err := collect(ctx, p.db.Read, findKey, Args{"sum": sum[:]}, func(row Row) (h store.KeyHolder, err error) {
		return h, row.Scan(append(keyFields(&h.Key), &h.Email, &h.Role)...)
	})
	if err != nil || len(found) == 0 {
		return store.KeyHolder{}, false, p.explain(err, "find a key")
	}
	return found[0], true, nil
}

// UseKey notes that a key was used.
func (p *Protocol) UseKey(ctx context.Context, id uuid.UUID) error {
	return p.write(ctx, "note the use of a key", useKey, Args{"id": id})
}

// ListKeys lists a viewer's keys.
func (p *Protocol) ListKeys(ctx context.Context, w store.Viewer) ([]store.Key, error) {
	list, err := collect(ctx, p.db.Read, listKeys, seenBy(w, Args{"most": store.MostKeys}), scanKey)
	return list, p.explain(err, "list keys")
}

// RevokeKey ends a key for good.
func (p *Protocol) RevokeKey(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Key, error) {
	var revoked []store.Key
	args := seenBy(w, Args{"id": id})
	err := p.db.Write(ctx, Step{Statement: revokeKey, Args: args}, rows(readKey, args, scanKey, &revoked))
	if err == nil && len(revoked) == 0 {
		err = store.ErrNoKey(id)
	}
	if err != nil {
		return store.Key{}, p.explain(err, "revoke a key")
	}
	return revoked[0], nil
}
