package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

var (
	insertShare = statement("share a video", `
		INSERT INTO shares (user_id, video_id, at) VALUES (@user, @video, {now}) ON CONFLICT DO NOTHING`)
	readShares  = statement("list shares", `SELECT user_id, at FROM shares WHERE video_id = @video ORDER BY at, user_id`)
	deleteShare = statement("unshare a video", `DELETE FROM shares WHERE user_id = @user AND video_id = @video`)
)

func scanShare(row Row) (s store.Share, err error) { return s, row.Scan(&s.User, asTime(&s.At)) }

// Share shows a video to a user. The lock on the video's row has two who share it at
// once wait for each other, so that both count.
func (p *Protocol) Share(ctx context.Context, w store.Viewer, video, user uuid.UUID) (shared store.Share, err error) {
	args := Args{"video": video, "user": user}
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		v, err := lock(ctx, do, w, video)
		if err != nil {
			return err
		}
		if v.UserID == user.String() {
			return store.ErrCannotShare(v.UserID, "is the user whose video it is; give another one's")
		}
		_, err = oneUser(ctx, do, readUser, user)
		if fault.CodeOf(err) == fault.NotFound {
			return store.ErrCannotShare(user.String(), "is no user's id; give one")
		}
		if err != nil {
			return err
		}
		if err := do(ctx, Step{Statement: insertShare, Args: args}); err != nil {
			return err
		}
		list, err := collect(ctx, do, readShares, args, scanShare)
		if err != nil {
			return err
		}
		for _, s := range list {
			if s.User == user {
				shared = s
			}
		}
		if len(list) > store.MostShares {
			return store.ErrTooManyShares(video)
		}
		return nil
	})
	return shared, p.explain(err, "share a video")
}

// Shares lists to whom a video is shown.
func (p *Protocol) Shares(ctx context.Context, w store.Viewer, video uuid.UUID) ([]store.Share, error) {
	v, err := p.Video(ctx, w, video)
	if err != nil {
		return nil, err
	}
	if !w.Owns(v.UserID) {
		return nil, store.ErrReadOnly(video)
	}
	list, err := collect(ctx, p.db.Read, readShares, Args{"video": video}, scanShare)
	return list, p.explain(err, "list shares")
}

// Unshare shows a video to a user no more.
func (p *Protocol) Unshare(ctx context.Context, w store.Viewer, video, user uuid.UUID) error {
	err := p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if _, err := lock(ctx, do, w, video); err != nil {
			return err
		}
		n, err := exec(ctx, do, deleteShare, Args{"video": video, "user": user})
		if err == nil && n == 0 {
			err = store.ErrNotShared(video, user.String())
		}
		return err
	})
	return p.explain(err, "unshare a video")
}
