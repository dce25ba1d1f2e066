package sql

import (
	"context"
	"math"

	"heyq/store"
)

// hundredths are what a weight is kept in.
const hundredths = 100

var (
	// readTurns reads those of one user, or of all ('').
	readTurns = statement("read turns", `
		SELECT u.user_id, coalesce(t.weight, 100), coalesce(t.slots, 0), u.waiting, u.held
		  FROM (SELECT user_id, CAST(sum(waiting) AS bigint) AS waiting, CAST(sum(held) AS bigint) AS held
		          FROM (SELECT `+byUser+` AS user_id, count(*) AS waiting, 0 AS held FROM videos WHERE {waiting} GROUP BY 1
		                 UNION ALL SELECT `+byUser+`, 0, count(*) FROM videos WHERE slot AND {active} GROUP BY 1
		                 UNION ALL SELECT user_id, 0, 0 FROM turns) AS parts
		         GROUP BY user_id) AS u LEFT JOIN turns t ON t.user_id = u.user_id
		 WHERE @user = '' OR u.user_id = @user
		 ORDER BY u.user_id`)
	setTurn = statement("set a turn", `
		INSERT INTO turns (user_id, weight, slots) VALUES (@user, @weight, nullif(@slots, 0))
		    ON CONFLICT (user_id) DO UPDATE SET weight = excluded.weight, slots = excluded.slots`)
)

func scanTurn(row Row) (t store.Turn, err error) {
	var weight int
	err = row.Scan(&t.UserID, &weight, &t.Slots, &t.Waiting, &t.Held)
	t.Weight = float64(weight) / hundredths
	return t, err
}

// Turns returns those for whom something was set, who wait, or who hold slots.
func (p *Protocol) Turns(ctx context.Context) ([]store.Turn, error) {
	list, err := collect(ctx, p.db.Read, readTurns, Args{"user": ""}, scanTurn)
	return list, p.explain(err, "read turns")
}

// SetTurn sets the weight and the slots of a user. The table is read by each
// admission, which locks nothing in it.
func (p *Protocol) SetTurn(ctx context.Context, t store.Turn) (store.Turn, error) {
	args := Args{"user": t.UserID, "weight": int(math.Round(t.Weight * hundredths)), "slots": t.Slots}
	var list []store.Turn
	err := p.db.Write(ctx, Step{Statement: setTurn, Args: args}, rows(readTurns, args, scanTurn, &list))
	if err != nil {
		return store.Turn{}, p.explain(err, "set a turn")
	}
	return list[0], nil
}
