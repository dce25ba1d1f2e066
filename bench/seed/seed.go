// Package seed fills a store with videos that have ended, by the same statements
// as their handlers would.
package seed

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// batch is how many videos go through a step together.
const batch = 500

// Failed writes n videos whose download was given up: each was created, accepted
// and rendered before, in one of slots places at HeyGen.
func Failed(ctx context.Context, db store.Store, n, slots int) error {
	return inBatches(n, func(first, n int) error {
		claims, err := downloading(ctx, db, first, n, slots)
		if err != nil {
			return err
		}
		_, err = step(ctx, db, store.Download, claims, func(r store.Run) store.End {
			return store.GaveUp(r, store.Failure{Code: "link_expired", Message: "each link that HeyGen gave had expired", Step: store.Download}, 0)
		})
		return err
	})
}

// Completed writes n videos that were downloaded and measured. Each costs a dollar.
func Completed(ctx context.Context, db store.Store, n, slots int) error {
	return inBatches(n, func(first, n int) error {
		claims, err := downloading(ctx, db, first, n, slots)
		if err != nil {
			return err
		}
		file := store.File{
			Bytes: 4 << 20, SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
			Duration: 12 * time.Second, Width: 1920, Height: 1080, VideoCodec: "avc1.640028", AudioCodec: "mp4a.40.2", BitRate: 2_800_000,
		}
		if _, err = step(ctx, db, store.Download, claims, func(r store.Run) store.End {
			return store.Downloaded(r, "videos/"+r.Video.String(), file)
		}); err != nil {
			return err
		}
		measured := make([]store.Analysis, len(claims))
		for i, c := range claims {
			measured[i] = store.Analysis{
				VideoID: c.Video, UserID: store.DefaultUser, File: file, Price: 1, CompletedAt: time.Now(),
				QueueTime: time.Minute, SubmitTime: 5 * time.Second, RenderTime: 6 * time.Minute, DownloadTime: 3 * time.Second,
			}
		}
		return db.SaveAnalyses(ctx, measured)
	})
}

// InReview writes n videos whose create has an unknown outcome.
func InReview(ctx context.Context, db store.Store, n, slots int) error {
	return inBatches(n, func(first, n int) error {
		if err := create(ctx, db, first, n, 1); err != nil {
			return err
		}
		claims, err := db.Admit(ctx, slots)
		if err != nil {
			return err
		}
		_, err = step(ctx, db, store.Create, claims, func(r store.Run) store.End {
			return store.Ambiguous(r, "two renders have its title")
		})
		return err
	})
}

// Queued writes n videos that wait, of so many users.
func Queued(ctx context.Context, db store.Store, n, users int) error {
	return inBatches(n, func(first, n int) error { return create(ctx, db, first, n, users) })
}

func create(ctx context.Context, db store.Store, first, n, users int) error {
	videos := make([]store.NewVideo, n)
	for i := range videos {
		user := store.DefaultUser
		if u := (first + i) % users; u > 0 {
			user = fmt.Sprintf("user-%d", u)
		}
		videos[i] = store.NewVideo{
			ID: uuid.Must(uuid.NewV7()), Title: fmt.Sprintf("Video %d", first+i), UserID: user,
			Request: json.RawMessage(`{"script":"Hello Ada, good to have you.","avatar_id":"avatar_1","voice_id":"voice_1"}`),
		}
	}
	_, err := db.CreateVideos(ctx, store.Creation{Videos: videos})
	return err
}

func inBatches(n int, write func(first, n int) error) error {
	for left := n; left > 0; left -= batch {
		if err := write(n-left, min(left, batch)); err != nil {
			return fmt.Errorf("write videos: %w", err)
		}
	}
	return nil
}

// downloading writes n videos that HeyGen has rendered, and returns the claims of
// their downloads.
func downloading(ctx context.Context, db store.Store, first, n, slots int) ([]store.Claim, error) {
	if err := create(ctx, db, first, n, 1); err != nil {
		return nil, err
	}
	claims, err := db.Admit(ctx, slots)
	if err != nil {
		return nil, err
	}
	if _, err = step(ctx, db, store.Create, claims, func(r store.Run) store.End {
		return store.Accepted(r, "seed-"+r.Video.String(), 0)
	}); err != nil {
		return nil, err
	}
	if claims, err = db.Claim(ctx, store.Poll, n); err != nil {
		return nil, err
	}
	return step(ctx, db, store.Poll, claims, store.Rendered)
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
