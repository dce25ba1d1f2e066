package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"heyq/client"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// user is one of those who have videos: a member, who sees its own and no others.
type user struct {
	id, email, secret string
	client            *client.Client
}

// How much of the slots users may have. Some have a bound of two and more: with one slot
// alone a render that is stuck would keep its user's other videos for minutes.
var (
	weights = []float64{0.5, 1, 1, 2, 3}
	bounds  = []int{0, 0, 2, 3, 4} // 0: none
)

const (
	turnEvery  = 3 // users: one in so many begins with a weight and a bound of its own
	turnChange = 3 * time.Second
)

// register makes n users, each with a key, as an owner would before anything is asked for.
func (c *customer) register(ctx context.Context, n int, chance *rand.Rand) error {
	for i := range n {
		u := &user{email: fmt.Sprintf("user-%02d@chaos.example", i+1)}
		made, err := c.client.Users.Create(ctx, wire.UserChange{Email: &u.email})
		if err != nil {
			return fmt.Errorf("make a user: %w", err)
		}
		u.id = made.ID
		key, err := c.client.Keys.Create(ctx, wire.NewKey{
			Name: "the storm", UserID: u.id, Scopes: []string{string(people.ReadVideos), string(people.WriteVideos)},
		})
		if err != nil {
			return fmt.Errorf("make a user's key: %w", err)
		}
		u.secret, u.client = key.Secret, client.New(c.api, key.Secret, client.WithRetries(0, 0))
		c.users = append(c.users, u)
		if i%turnEvery == 0 {
			if _, err := c.client.Turns.Set(ctx, u.id, someTurn(chance)); err != nil {
				return fmt.Errorf("set a user's turn: %w", err)
			}
		}
	}
	return nil
}

func someTurn(chance *rand.Rand) (t wire.TurnChange) {
	weight, slots := weights[chance.IntN(len(weights))], bounds[chance.IntN(len(bounds))]
	t.Weight = &weight
	if slots > 0 {
		t.Slots = &slots
	}
	return t
}

// changeTurns gives one user after the other another weight and another bound.
func (c *customer) changeTurns(ctx context.Context, chance *rand.Rand) {
	for len(c.users) > 0 && pause(ctx, turnChange) {
		u, turn := c.users[chance.IntN(len(c.users))], someTurn(chance)
		_ = c.insist(ctx, func(ctx context.Context) error { // one that is refused shows in the audit: nothing changes any more
			_, err := c.client.Turns.Set(ctx, u.id, turn)
			return err
		})
	}
}

// by is the client of a user, by its number. That of 0 is the operator's.
func (c *customer) by(n int) *client.Client {
	if n == 0 {
		return c.client
	}
	return c.users[n-1].client
}

// nameOf is a user's id, by its number.
func (c *customer) nameOf(n int) string {
	if n == 0 {
		return store.DefaultUser
	}
	return c.users[n-1].id
}

// names are the users' ids, by their numbers.
func (c *customer) names() (ids []string) {
	for n := range len(c.users) + 1 {
		ids = append(ids, c.nameOf(n))
	}
	return ids
}
