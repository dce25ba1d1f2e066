package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"heyq/store"
)

// question is what a caller asks a store for.
type question struct {
	name string
	ask  func(context.Context, store.Store) error
}

// held is how many slots are held.
var held int

var questions = []question{
	{"a dispatcher's pass that finds nothing (4 times a second)", func(ctx context.Context, db store.Store) error {
		if _, err := db.Admit(ctx, held); err != nil {
			return err
		}
		for _, step := range store.Steps {
			if _, err := db.Claim(ctx, step, 100); err != nil {
				return err
			}
		}
		if _, err := db.ClaimAnalyses(ctx, 100); err != nil {
			return err
		}
		_, err := db.ClaimNotifications(ctx, 100)
		return err
	}},
	{"an admission that gives out one slot", admission(1)},
	{"an admission that gives out 20 slots", admission(20)},
	{"the backlog: /metrics, /readyz, heyq queues", func(ctx context.Context, db store.Store) error {
		_, err := db.Backlog(ctx)
		return err
	}},
	{"what was spent: /metrics", func(ctx context.Context, db store.Store) error {
		_, err := db.Spent(ctx)
		return err
	}},
	{"stuck videos: ops:watch", func(ctx context.Context, db store.Store) error {
		_, err := db.Stuck(ctx, time.Hour)
		return err
	}},
	{"GET /v1/videos, the first page", videos(store.Filter{}, 1)},
	{"GET /v1/videos, page 50", videos(store.Filter{}, 50)},
	{"GET /v1/videos?state=failed", videos(store.Filter{State: store.Failed}, 1)},
	{"GET /v1/videos?state=completed", videos(store.Filter{State: store.Completed}, 1)},
	{"GET /v1/jobs: the list of failed videos", func(ctx context.Context, db store.Store) error {
		_, err := db.Jobs(ctx, store.JobFilter{Kind: store.VideoJob}, 50)
		return err
	}},
	{"GET /v1/jobs: their count", func(ctx context.Context, db store.Store) error {
		_, err := db.CountJobs(ctx, store.JobFilter{Kind: store.VideoJob})
		return err
	}},
	{"videos resolve --adopt: find one in review, adopt a render", func(ctx context.Context, db store.Store) error {
		list, err := db.Jobs(ctx, store.JobFilter{Kind: store.VideoJob, Code: store.NeedsReview}, 1)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return errors.New("no video is in review")
		}
		held++
		_, err = db.Resolve(ctx, store.Everyone(), list[0].ID, store.Resolution{Verdict: store.Adopt, HeyGenID: "found-" + list[0].ID.String()})
		return err
	}},
}

// admission gives out n slots more.
func admission(n int) func(context.Context, store.Store) error {
	return func(ctx context.Context, db store.Store) error {
		held += n
		claims, err := db.Admit(ctx, held)
		if err == nil && len(claims) != n {
			err = fmt.Errorf("%d videos got a slot, want %d", len(claims), n)
		}
		return err
	}
}

// videos asks for a page of GET /v1/videos with its total.
func videos(f store.Filter, page int) func(context.Context, store.Store) error {
	return func(ctx context.Context, db store.Store) error {
		_, _, err := db.Videos(ctx, store.Everyone(), f, store.Page{Number: page, Size: 20})
		return err
	}
}
