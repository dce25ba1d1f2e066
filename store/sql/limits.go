package sql

import (
	"context"
	"maps"
	"slices"
	"time"

	"heyq/store"
)

var (
	readLimits   = statement("read limits", `SELECT action, amount, seconds FROM limits WHERE user_id = @user`)
	forgetLimits = statement("forget limits", `DELETE FROM limits WHERE user_id = @user`)
	setLimit     = statement("set a limit", `
		INSERT INTO limits (user_id, action, amount, seconds) VALUES (@user, @action, @amount, @seconds)
		    ON CONFLICT (user_id, action) DO UPDATE SET amount = excluded.amount, seconds = excluded.seconds`)
)

type userLimit struct {
	action string
	store.Limit
}

func scanLimit(row Row) (l userLimit, err error) {
	var seconds int
	err = row.Scan(&l.action, &l.Amount, &seconds)
	l.Period = time.Duration(seconds) * time.Second
	return l, err
}

// Limits returns what was set for a user.
func (p *Protocol) Limits(ctx context.Context, user string) (map[string]store.Limit, error) {
	list, err := collect(ctx, p.db.Read, readLimits, Args{"user": user}, scanLimit)
	set := make(map[string]store.Limit, len(list))
	for _, l := range list {
		set[l.action] = l.Limit
	}
	return set, p.explain(err, "read limits")
}

// SetLimits sets the limits of a user.
func (p *Protocol) SetLimits(ctx context.Context, user string, limits map[string]store.Limit) error {
	steps := []Step{{Statement: forgetLimits, Args: Args{"user": user}}}
	for _, action := range slices.Sorted(maps.Keys(limits)) {
		l := limits[action]
		steps = append(steps, Step{Statement: setLimit, Args: Args{
			"user": user, "action": action, "amount": l.Amount, "seconds": int(l.Period / time.Second),
		}})
	}
	return p.explain(p.db.Write(ctx, steps...), "set limits")
}
