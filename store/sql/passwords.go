package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

// linkIsGood is true of a link that may be used now.
const linkIsGood = `l.sum = @sum AND l.used_at IS NULL AND l.expires_at > {now}`

var (
	findPassword = statement("find a password", `
		SELECT `+userFields+`, coalesce((SELECT w.hash FROM passwords w WHERE w.user_id = u.id), '')
		  FROM `+userTables+` WHERE u.email_key = @key AND u.deactivated_at IS NULL`)
	setPassword = statement("set a password", `
		INSERT INTO passwords AS w (user_id, hash, set_at) VALUES (@user, @hash, {now})
		    ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, set_at = {greatest}(excluded.set_at, w.set_at + {span 1})`)
	insertLink = statement("create a link", `
		INSERT INTO links (user_id, sum, kind, created_at, expires_at) VALUES (@user, @sum, @kind, {now}, {now} + {span @life})
		    ON CONFLICT (user_id) DO UPDATE SET sum = excluded.sum, kind = excluded.kind, created_at = excluded.created_at,
		       expires_at = excluded.expires_at, used_at = NULL`)
	readLink  = statement("read a link", `SELECT l.user_id, l.kind, l.expires_at FROM links l WHERE l.user_id = @user`)
	findLink  = statement("find a link", `SELECT `+userFields+` FROM `+userTables+` JOIN links l ON l.user_id = u.id WHERE `+linkIsGood+` AND u.deactivated_at IS NULL`)
	useLink   = statement("use a link", `UPDATE links AS l SET used_at = {now} WHERE `+linkIsGood)
	dropLinks = statement("void a link", `DELETE FROM links WHERE user_id = @user AND used_at IS NULL`)
)

// FindPassword returns the active user of an e-mail, with the hash of its password.
func (p *Protocol) FindPassword(ctx context.Context, email string) (u store.User, hash string, ok bool, err error) {
	list, err := collect(ctx, p.db.Read, findPassword, Args{"key": folded(email)}, func(row Row) (u store.User, err error) {
		return u, row.Scan(append(userDestinations(&u), &hash)...)
	})
	if err != nil || len(list) == 0 {
		return store.User{}, "", false, p.explain(err, "find a password")
	}
	return list[0], hash, true, nil
}

// SetPassword sets a user's password.
func (p *Protocol) SetPassword(ctx context.Context, user uuid.UUID, hash string) (u store.User, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if _, err := oneUser(ctx, do, lockUser, user); err != nil {
			return err
		}
		args := Args{"user": user, "hash": hash}
		if err := do(ctx, Step{Statement: setPassword, Args: args}, Step{Statement: dropLinks, Args: args}); err != nil {
			return err
		}
		u, err = oneUser(ctx, do, readUser, user)
		return err
	})
	return u, p.explain(err, "set a password")
}

// CreateLink makes a link in place of the one that the user had.
func (p *Protocol) CreateLink(ctx context.Context, user uuid.UUID, kind store.LinkKind, sum [32]byte) (l store.Link, err error) {
	args := Args{"user": user, "kind": kind, "sum": sum[:], "life": store.LinkLife}
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		u, err := oneUser(ctx, do, lockUser, user)
		switch {
		case err != nil:
			return err
		case !u.DeactivatedAt.IsZero():
			return store.ErrDeactivated(user)
		}
		var made []store.Link
		err = do(ctx, Step{Statement: insertLink, Args: args}, rows(readLink, args, func(row Row) (l store.Link, err error) {
			return l, row.Scan(&l.User, &l.Kind, asTime(&l.ExpiresAt))
		}, &made))
		if err == nil {
			l = made[0]
		}
		return err
	})
	return l, p.explain(err, "create a link")
}

// FindLink returns the user of a link that may be used now.
func (p *Protocol) FindLink(ctx context.Context, sum [32]byte) (u store.User, ok bool, err error) {
	list, err := collect(ctx, p.db.Read, findLink, Args{"sum": sum[:]}, scanUser)
	if err != nil || len(list) == 0 {
		return store.User{}, false, p.explain(err, "find a link")
	}
	return list[0], true, nil
}

// UseLink sets the password of a link's user, and uses the link up.
func (p *Protocol) UseLink(ctx context.Context, sum [32]byte, hash string) (u store.User, ok bool, err error) {
	args := Args{"sum": sum[:]}
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		ok = false
		list, err := collect(ctx, do, findLink, args, scanUser)
		if err != nil || len(list) == 0 {
			return err
		}
		id := list[0].ID
		now, err := oneUser(ctx, do, lockUser, id)
		if err != nil || !now.DeactivatedAt.IsZero() {
			return err
		}
		if n, err := exec(ctx, do, useLink, args); err != nil || n == 0 { // another was first
			return err
		}
		if err := do(ctx, Step{Statement: setPassword, Args: Args{"user": id, "hash": hash}}); err != nil {
			return err
		}
		ok = true
		u, err = oneUser(ctx, do, readUser, id)
		return err
	})
	return u, ok && err == nil, p.explain(err, "use a link")
}
