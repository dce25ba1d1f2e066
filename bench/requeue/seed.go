package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
)

// batch is how many videos go through a step together.
const batch = 500

// seed writes failed downloads, by the same statements as their handlers would.
func seed(ctx context.Context, db store.Store, jobs int) error {
	for left := jobs; left > 0; left -= batch {
		if err := seedBatch(ctx, db, jobs-left, min(left, batch), jobs); err != nil {
			return fmt.Errorf("write failed downloads: %w", err)
		}
	}
	return nil
}

func seedBatch(ctx context.Context, db store.Store, first, n, slots int) error {
	videos := make([]store.NewVideo, n)
	for i := range videos {
		videos[i] = store.NewVideo{
			ID: uuid.Must(uuid.NewV7()), Title: fmt.Sprintf("Video %d", first+i), UserID: store.DefaultUser,
			Request: json.RawMessage(`{"script":"Hello Ada, good to have you.","avatar_id":"avatar_1","voice_id":"voice_1"}`),
		}
	}
	if _, err := db.CreateVideos(ctx, store.Creation{Videos: videos}); err != nil {
		return err
	}
	claims, err := db.Admit(ctx, slots)
	if err != nil {
		return err
	}
	if _, err = step(ctx, db, store.Create, claims, func(r store.Run) store.End {
		return store.Accepted(r, "bench-"+r.Video.String(), 0)
	}); err != nil {
		return err
	}
	if claims, err = db.Claim(ctx, store.Poll, n); err != nil {
		return err
	}
	if claims, err = step(ctx, db, store.Poll, claims, store.Rendered); err != nil {
		return err
	}
	_, err = step(ctx, db, store.Download, claims, func(r store.Run) store.End {
		return store.GaveUp(r, store.Failure{Code: "link_expired", Message: "each link that HeyGen gave had expired", Step: store.Download}, 0)
	})
	return err
}

// step begins a step of all claims and ends it, and returns the claims of the
// next one.
func step(ctx context.Context, db store.Store, s store.Step, claims []store.Claim, end func(store.Run) store.End) (next []store.Claim, err error) {
	runs, err := db.Begin(ctx, s, claims)
	if err != nil {
		return nil, err
	}
	ends := make([]store.End, len(runs))
	for i, r := range runs {
		ends[i] = end(r)
	}
	ended, err := db.End(ctx, ends)
	if err != nil {
		return nil, err
	}
	if len(ended) != len(claims) {
		return nil, fmt.Errorf("%s: %d of %d ended", s, len(ended), len(claims))
	}
	for _, e := range ended {
		if e.Next != nil {
			next = append(next, *e.Next)
		}
	}
	return next, nil
}
