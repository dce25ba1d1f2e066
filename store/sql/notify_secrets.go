package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

var (
	keepSecret = statement("keep a notification secret", `
		INSERT INTO notify_secrets (user_id, secret, made_at) VALUES (@user, @secret, {now}) ON CONFLICT DO NOTHING`)
	rotateSecret = statement("rotate a notification secret", `
		UPDATE notify_secrets SET former = secret, until = {now} + {span @life}, secret = @secret, made_at = {now}
		 WHERE user_id = @user AND coalesce(until <= {now}, true)`)
	readSecret = statement("read a notification secret", `
		SELECT secret, made_at, coalesce(CASE WHEN until > {now} THEN former END, ''), CASE WHEN until > {now} THEN until END
		  FROM notify_secrets WHERE user_id = @user`)
	dropSecret = statement("forget a notification secret", `DELETE FROM notify_secrets WHERE user_id = @user`)
)

func scanSecret(row Row) (s store.NotifySecret, err error) {
	return s, row.Scan(&s.Secret, asTime(&s.MadeAt), &s.Former, asTime(&s.Until))
}

// NotifySecret returns a user's secret.
func (p *Protocol) NotifySecret(ctx context.Context, user uuid.UUID, fresh string) (store.NotifySecret, error) {
	return p.secretOf(ctx, "read a notification secret", user, fresh, func(context.Context, Do, store.NotifySecret) error { return nil })
}

// RotateNotifySecret makes another secret of a user's.
func (p *Protocol) RotateNotifySecret(ctx context.Context, user uuid.UUID, fresh string) (store.NotifySecret, error) {
	return p.secretOf(ctx, "rotate a notification secret", user, fresh, func(ctx context.Context, do Do, was store.NotifySecret) error {
		if was.Secret == fresh { // the first one
			return nil
		}
		n, err := exec(ctx, do, rotateSecret, Args{"user": user.String(), "secret": fresh, "life": store.FormerSecretLife})
		if err == nil && n == 0 {
			err = store.ErrRotating(was.Until)
		}
		return err
	})
}

// secretOf keeps a first secret of a user's, changes it, and returns it as it is then. It
// locks the user, who may be deleted at this moment: its secret goes with it.
func (p *Protocol) secretOf(ctx context.Context, doing string, user uuid.UUID, fresh string, change func(context.Context, Do, store.NotifySecret) error) (s store.NotifySecret, err error) {
	args := Args{"user": user.String(), "secret": fresh}
	read := func(ctx context.Context, do Do) error {
		list, err := collect(ctx, do, readSecret, args, scanSecret)
		if err == nil {
			s = list[0]
		}
		return err
	}
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if _, err := oneUser(ctx, do, lockUser, user); err != nil {
			return err
		}
		if err := do(ctx, Step{Statement: keepSecret, Args: args}); err != nil {
			return err
		}
		if err := read(ctx, do); err != nil {
			return err
		}
		if err := change(ctx, do, s); err != nil {
			return err
		}
		return read(ctx, do)
	})
	return s, p.explain(err, doing)
}
