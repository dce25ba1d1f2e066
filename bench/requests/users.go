package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/people"
	"heyq/store"
)

// measureUsers reads users with the cache and without one, by turns: ABBA.
func measureUsers(ctx context.Context, o options, s *servers, out io.Writer) error {
	ids := make([]uuid.UUID, o.users)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
		_, err := s.db.CreateUser(ctx, store.User{
			ID: ids[i], Email: fmt.Sprintf("user-%d@bench.example", i), Role: store.RoleMember,
			Profile: store.Profile{FirstName: "Ada", LastName: "Lovelace", TimeZone: "Europe/London"},
		})
		if err != nil {
			return err
		}
	}
	callers := o.connections[len(o.connections)-1]
	var sides [2]struct {
		http, call func(context.Context, int, int) error
	}
	for i, r := range []redis.UniversalClient{s.redis, nil} {
		base, err := s.serve(ctx, r)
		if err != nil {
			return err
		}
		asker, users := newCaller(base, callers), people.NewUsers(s.db, r, nil)
		which := func(caller, n int) uuid.UUID { return ids[(caller*7919+n)%len(ids)] }
		sides[i].http = func(ctx context.Context, caller, n int) error {
			return asker.ask(ctx, "GET", "/v1/users/"+which(caller, n).String(), operatorToken, nil)
		}
		sides[i].call = func(ctx context.Context, caller, n int) error {
			_, err := users.Get(ctx, which(caller, n))
			return err
		}
	}
	fmt.Fprintf(out, "GET /v1/users/{id}, %d users, %d connections, %s each, medians of %d\n", o.users, callers, o.each, o.rounds)
	for _, by := range []string{"HTTP", "a call"} {
		var rates [2][]float64
		var last [2]load
		for round := range o.rounds {
			order := []int{0, 1}
			if round%2 == 1 {
				slices.Reverse(order)
			}
			for _, side := range order {
				ask := sides[side].http
				if by != "HTTP" {
					ask = sides[side].call
				}
				if warm := closed(ctx, callers, min(o.each, time.Second), ask); warm.failed > 0 {
					return warm.first
				}
				l := closed(ctx, callers, o.each, ask)
				if l.failed > 0 {
					return l.first
				}
				rates[side], last[side] = append(rates[side], l.perSecond()), l
			}
		}
		for side, name := range []string{"cached", "without a cache"} {
			fmt.Fprintf(out, "  by %-7s %-16s %8.0f a second   %s\n", by, name, median(rates[side]), last[side].words())
		}
		fmt.Fprintf(out, "  by %-7s %.2f times the rate\n", by, median(rates[0])/median(rates[1]))
	}
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
